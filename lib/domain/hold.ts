import { divideRoundingUp, type Nano } from './money';
import type { MessagesBody } from './messages-body';
import type { Price } from './price-book';

/** What a request may cost at the most: a fixed part for its input and tools, and a price for each output token. */
export type HoldEstimate = { inputTokens: number; inputNano: Nano; perOutputTokenPico: bigint };

/** A safe upper bound for text in every script: UTF-8 bytes of JSON per token. */
const TEXT_BYTES_PER_TOKEN = 3;
/** What the API adds to a prompt with tools, at its largest. */
const TOOL_PROMPT_TOKENS = 600;
/** The largest image that a model of the current line counts. */
const TOKENS_PER_IMAGE = 4_800;
/** A PDF page costs up to some 4,800 tokens (text and picture) and seldom takes less than 20 kB of base64. */
const DOCUMENT_BYTES_PER_TOKEN = 4;
const TOKENS_PER_DOCUMENT_URL = 50_000;
/** The API's own bound on searches where the request sets none is unknown; ten is generous, and each brings results to read. */
const SEARCHES_DEFAULT = 10;
/** No message makes as many; a body may ask for 1e999. */
const SEARCHES_MAX = 1_000;
/** The documented sample grows by 8,003 tokens for one search, and server tools write 5-minute cache entries unasked. */
const TOKENS_PER_SEARCH = 10_000;
const FAST_PERCENT_DEFAULT = 200n;

/**
 * The worst case of a request's cost: its input as if all of it were written to the dearest cache it asks for, images as
 * images, the searches its tools allow, and the price of one output token, each with the multipliers that it asks for.
 */
export function estimateHold(
  body: Pick<
    MessagesBody,
    'textBytes' | 'images' | 'documentBytes' | 'documentUrls' | 'tools' | 'fields' | 'cache' | 'speed' | 'inferenceGeo'
  >,
  price: Price,
): HoldEstimate {
  let searches = 0;
  for (const tool of body.tools) {
    if (tool.type.startsWith('web_'))
      searches += Math.min(SEARCHES_MAX, Math.max(0, Math.ceil(tool.maxUses ?? SEARCHES_DEFAULT)));
  }
  const promptTokens = estimateInputTokens(body);
  const inputTokens = promptTokens + searches * TOKENS_PER_SEARCH;
  const inputPrice =
    body.cache === '1h'
      ? price.cacheWrite1hNano
      : body.cache === '5m' || searches > 0
        ? price.cacheWrite5mNano
        : price.inputNano;
  const dearest = inputPrice > price.inputNano ? inputPrice : price.inputNano;
  const percents = multiplier(body, price);
  const tokensNano = divideRoundingUp(BigInt(inputTokens) * dearest * percents, 1_000_000n * 10_000n);
  const searchesNano = divideRoundingUp(BigInt(searches) * price.webSearchNano, 1_000_000n);
  // nano per million × percent² is pico per token × 10,000 / 1,000.
  return {
    inputTokens: promptTokens,
    inputNano: tokensNano + searchesNano,
    perOutputTokenPico: divideRoundingUp(price.outputNano * percents, 10_000_000n),
  };
}

/** The prompt's tokens at the most, by its bytes, images and documents. */
export function estimateInputTokens(
  body: Pick<MessagesBody, 'textBytes' | 'images' | 'documentBytes' | 'documentUrls' | 'fields'>,
): number {
  return (
    Math.ceil(body.textBytes / TEXT_BYTES_PER_TOKEN) +
    (body.fields.includes('tools') ? TOOL_PROMPT_TOKENS : 0) +
    body.images * TOKENS_PER_IMAGE +
    Math.ceil(body.documentBytes / DOCUMENT_BYTES_PER_TOKEN) +
    body.documentUrls * TOKENS_PER_DOCUMENT_URL
  );
}

/** The cost of the estimate with this many output tokens. */
export function holdFor(estimate: HoldEstimate, outputTokens: number): Nano {
  return estimate.inputNano + divideRoundingUp(BigInt(outputTokens) * estimate.perOutputTokenPico, 1_000n);
}

/** How many output tokens an amount pays for after the input; negative when not even the input is covered. */
export function affordableOutputTokens(estimate: HoldEstimate, amountNano: Nano): number {
  const left = amountNano - estimate.inputNano;
  if (left < 0n) return -1;
  if (estimate.perOutputTokenPico === 0n) return Number.MAX_SAFE_INTEGER;
  const affordable = (left * 1_000n) / estimate.perOutputTokenPico;
  return affordable > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(affordable);
}

/** Percent × percent, so 10,000 is one. */
function multiplier(body: Pick<MessagesBody, 'speed' | 'inferenceGeo'>, price: Price): bigint {
  const speed =
    body.speed === 'fast' ? (price.fastPercent === null ? FAST_PERCENT_DEFAULT : BigInt(price.fastPercent)) : 100n;
  const geo = body.inferenceGeo === 'us' ? BigInt(price.usPercent) : 100n;
  return speed * geo;
}
