import { BYTES_PER_TOKEN_DEFAULT, learnBytesPerToken } from '@/lib/domain/output-count';
import type { DeliveredBytes } from '@/lib/domain/stream-meter';
import { once } from '@/lib/platform/once';

/** Bytes of payload per output token of a model, as this process has learned it. */
export function bytesPerToken(model: string): number {
  return ratios().get(model) ?? BYTES_PER_TOKEN_DEFAULT;
}

/** Learns from a finished stream, whose true output is known. */
export function noteFinishedStream(model: string, delivered: DeliveredBytes, outputTokens: number): void {
  ratios().set(model, learnBytesPerToken(bytesPerToken(model), delivered, outputTokens));
}

function ratios(): Map<string, number> {
  return once('output-ratios', () => new Map<string, number>());
}
