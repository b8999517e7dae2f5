import type { MessagesRequest } from '@/lib/contracts/messages';
import type { Admitted } from './admit-request';
import type { Exchange } from './exchange';
import type { Offer } from './find-offer';

/** One request that holds money, from its hold to its one ending. */
export type MessageExchange = {
  exchange: Exchange;
  /** As it was sent upstream: `maxTokens` may have been lowered to what the balance pays for. */
  request: MessagesRequest;
  offer: Offer;
  admitted: Admitted;
  /** Aborted when this process can't wait for the answer any longer. */
  stop: AbortSignal;
};
