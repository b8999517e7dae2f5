/** How a request ended. Every request has exactly one ending, and the ending decides what is charged. */
export type Ending =
  /** `message_stop` was seen, or the whole JSON answer. */
  | 'finished'
  /** The client left after `message_start`. */
  | 'client_left'
  /** The client left before `message_start`. */
  | 'client_left_early'
  /** The balance ran out amid the stream. */
  | 'balance_exhausted'
  /** The upstream answered with an error before any answer began. */
  | 'refused'
  /** The upstream broke the answer off, or sent an `error` event. */
  | 'upstream_failed'
  /** The upstream went silent, before or amid the answer. */
  | 'stalled'
  /** The upstream's answer could not be read as one of the Messages API. */
  | 'malformed'
  /** This server was stopping and could not wait any longer. */
  | 'stopped'
  /** A fault of the gateway itself. */
  | 'gateway_failed'
  /** The process that served it died; the reaper gave the hold back. */
  | 'crashed';

export type SettledFrom = 'usage' | 'counted' | 'none';

/** What an ending is charged from: the upstream's exact usage, what was counted as delivered, or nothing at all. */
export const SETTLED_FROM: Readonly<Record<Ending, SettledFrom>> = {
  finished: 'usage',
  client_left: 'counted',
  client_left_early: 'counted',
  balance_exhausted: 'counted',
  refused: 'none',
  upstream_failed: 'none',
  stalled: 'none',
  malformed: 'none',
  stopped: 'none',
  gateway_failed: 'none',
  crashed: 'none',
};
