import type { JsonObject } from './json';
import { billedNano } from './pricing';
import { mergeUsage } from './usage';

const MAX_ROWS = 20_000;

/** What the API would have billed for one request that reached the model. */
export interface LedgerRow {
  requestId: string;
  messageId: string;
  model: string;
  servedModel: string;
  stream: boolean;
  /** The final usage of a finished answer; else the input as announced and the output that was delivered. */
  usage: JsonObject;
  /** Every byte, `message_stop` included, was handed to the socket. */
  finished: boolean;
  /** The client closed the connection before that. */
  cancelled: boolean;
  deliveredOutputTokens: number;
  amountNano: string;
}

interface Delivery {
  requestId: string;
  messageId: string;
  model: string;
  servedModel: string;
  stream: boolean;
  stopReason: string | null;
  startUsage: JsonObject;
  finalUsage: JsonObject;
  finished: boolean;
  cancelled: boolean;
  generatedTokens: number;
}

/** The rows of the last answers, oldest first. */
export class Ledger {
  private rows: LedgerRow[] = [];

  record(delivery: Delivery): void {
    const { finished, generatedTokens, finalUsage } = delivery;
    const total = finalUsage['output_tokens'];
    const limit = typeof total === 'number' ? total : generatedTokens;
    const deliveredOutputTokens = finished ? limit : Math.min(generatedTokens, limit);
    const usage = finished ? finalUsage : mergeUsage(delivery.startUsage, { output_tokens: deliveredOutputTokens });
    const stopReason = finished ? delivery.stopReason : null;
    this.rows.push({
      requestId: delivery.requestId,
      messageId: delivery.messageId,
      model: delivery.model,
      servedModel: delivery.servedModel,
      stream: delivery.stream,
      usage,
      finished,
      cancelled: delivery.cancelled,
      deliveredOutputTokens,
      amountNano: billedNano({
        usage,
        model: delivery.servedModel,
        requestedModel: delivery.model,
        stopReason,
      }).toString(),
    });
    if (this.rows.length > MAX_ROWS) this.rows.shift();
  }

  list(): readonly LedgerRow[] {
    return this.rows;
  }

  clear(): void {
    this.rows = [];
  }
}
