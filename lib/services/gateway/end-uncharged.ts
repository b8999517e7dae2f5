import type { MessageExchange } from './message-exchange';
import { settleLater } from './settle-later';
import { usageRow, type Ended } from './usage-row';

/** Gives the hold of a request back that got no answer, and its rate limits with it. */
export function endUncharged(
  message: MessageExchange,
  ended: Pick<Ended, 'ending' | 'status' | 'upstreamRequestId'>,
): void {
  const { exchange, request, offer, admitted } = message;
  const row = usageRow(exchange, request, offer, {
    ending: ended.ending,
    status: ended.status,
    upstreamRequestId: ended.upstreamRequestId,
    usage: undefined,
    servedModel: null,
    outputIsExact: false,
    delivered: { text: 0, thinking: 0, json: 0 },
    stopReason: null,
    firstByteMs: null,
  });
  exchange.logged['ending'] = row.ending;
  admitted.settle(0, 0);
  settleLater(row);
}
