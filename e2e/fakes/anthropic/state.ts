import { Connections } from './connections';
import { FaultQueue } from './fault-queue';
import { Ledger } from './ledger';
import { PromptCache } from './prompt-cache';
import { RequestLog } from './request-log';
import { ThreadStore } from './threads';

/** All that one stand-in remembers. */
export interface State {
  apiKey: string;
  /** A new message id for every answer, as the real API gives; without it equal requests have equal ids. */
  uniqueIds: boolean;
  minCacheableTokens: number | undefined;
  cache: PromptCache;
  connections: Connections;
  faults: FaultQueue;
  ledger: Ledger;
  requests: RequestLog;
  threads: ThreadStore;
}

export function newState(apiKey: string, uniqueIds: boolean, minCacheableTokens: number | undefined): State {
  return {
    apiKey,
    uniqueIds,
    minCacheableTokens,
    cache: new PromptCache(),
    connections: new Connections(),
    faults: new FaultQueue(),
    ledger: new Ledger(),
    requests: new RequestLog(),
    threads: new ThreadStore(),
  };
}
