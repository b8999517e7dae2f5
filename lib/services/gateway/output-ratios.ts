import { BYTES_PER_TOKEN_DEFAULT, learnBytesPerToken } from '@/lib/domain/output-count';
import type { DeliveredBytes } from '@/lib/domain/stream-meter';
import { once } from '@/lib/platform/once';

/** What this process has learned of how many bytes of payload an output token takes, by model. */
export function outputRatios(): OutputRatios {
  return once('output-ratios', () => new OutputRatios());
}

class OutputRatios {
  readonly #ratios = new Map<string, number>();

  bytesPerToken(model: string): number {
    return this.#ratios.get(model) ?? BYTES_PER_TOKEN_DEFAULT;
  }

  /** Learns from a finished stream, whose true output is known. */
  learn(model: string, delivered: DeliveredBytes, outputTokens: number, thinkingTokens: number): void {
    this.#ratios.set(model, learnBytesPerToken(this.bytesPerToken(model), delivered, outputTokens, thinkingTokens));
  }
}
