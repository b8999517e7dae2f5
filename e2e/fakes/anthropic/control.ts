import type { ConnectionCounts } from './connections';
import type { Fault } from './fault';
import type { LedgerRow } from './ledger';
import type { RecordedRequest } from './request-log';

export interface FakeAnthropicControl {
  /** Queues a fault for the next `times` requests (one, unless said), or for those to one path alone. */
  queueFault(fault: Fault, options?: { times?: number; path?: string }): Promise<void>;
  clearFaults(): Promise<void>;
  requests(): Promise<RecordedRequest[]>;
  clearRequests(): Promise<void>;
  ledger(): Promise<LedgerRow[]>;
  clearLedger(): Promise<void>;
  connections(): Promise<ConnectionCounts>;
  scenarios(): Promise<string[]>;
  /** Forgets the prompt cache and the message threads. */
  clearMemory(): Promise<void>;
}

/** A client for a stand-in's control endpoints, in this process or another. */
export function fakeAnthropicControl(baseUrl: string): FakeAnthropicControl {
  const call = async <T>(method: string, name: string, body?: object): Promise<T> => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${baseUrl}/__control/${name}`, init);
    if (!response.ok) throw new Error(`stand-in control ${method} ${name}: ${await response.text()}`);
    return (await response.json()) as T;
  };
  return {
    queueFault: async (fault, options = {}) => {
      await call('POST', 'faults', { fault, ...options });
    },
    clearFaults: () => call('DELETE', 'faults'),
    requests: () => call('GET', 'requests'),
    clearRequests: () => call('DELETE', 'requests'),
    ledger: () => call('GET', 'ledger'),
    clearLedger: () => call('DELETE', 'ledger'),
    connections: () => call('GET', 'connections'),
    scenarios: () => call('GET', 'scenarios'),
    clearMemory: () => call('DELETE', 'memory'),
  };
}

/** The directive that makes one request's answer differ, to be put anywhere into its last user message. */
export function directive(fault: Fault): string {
  return `[[fake ${JSON.stringify(fault)}]]`;
}
