import type { MessagesRequest } from '@/lib/contracts/messages';
import { AppError } from '@/lib/domain/app-error';
import { affordableOutputTokens, estimateHold, holdFor, type HoldEstimate } from '@/lib/domain/hold';
import { replaceMaxTokens } from '@/lib/domain/messages-body';
import { formatUsd, type Nano } from '@/lib/domain/money';
import { isDatabaseAway } from '@/lib/platform/database';
import { env } from '@/lib/platform/env';
import { announceInstance, instanceId } from '@/lib/platform/instance';
import { placeHold, type HoldOutcome } from '@/lib/platform/ledger-store';
import type { Exchange } from './exchange';
import type { Offer } from './find-offer';

export type MessageHold = {
  heldNano: Nano;
  /** The bytes to send upstream: the caller's, or the caller's with another number for `max_tokens`. */
  body: Buffer;
  /** What `max_tokens` was lowered to; undefined when it stands. */
  loweredTo: number | undefined;
};

/**
 * Holds the worst case of a request, or, when the balance does not reach that far, all there is, with `max_tokens`
 * lowered to what it pays for. A thinking budget can't be cut, so `max_tokens` is never lowered to it.
 * @throws AppError insufficient_credits, unauthenticated (the key was revoked meanwhile), forbidden, unavailable.
 */
export async function placeMessageHold(
  exchange: Exchange,
  request: MessagesRequest,
  offer: Offer,
): Promise<MessageHold> {
  const estimate = estimateHold(request, offer.price);
  const outputTokensMax = Math.min(request.maxTokens, offer.model.maxTokens);
  const outputTokensMin = Math.min(
    outputTokensMax,
    request.thinkingBudgetTokens > 0 ? request.thinkingBudgetTokens + 1 : 1,
  );
  const wantedNano = atLeastOne(holdFor(estimate, outputTokensMax));
  const minimumNano = atLeastOne(holdFor(estimate, outputTokensMin));
  const hold = await place(exchange, request, offer, wantedNano, minimumNano);
  if (hold.outcome !== 'held') throw refusal(hold, estimate, minimumNano);
  if (hold.heldNano >= wantedNano) return { heldNano: hold.heldNano, body: request.bytes, loweredTo: undefined };
  const affordable = Math.min(outputTokensMax, affordableOutputTokens(estimate, hold.heldNano));
  return { heldNano: hold.heldNano, body: replaceMaxTokens(request, affordable), loweredTo: affordable };
}

async function place(
  exchange: Exchange,
  request: MessagesRequest,
  offer: Offer,
  wantedNano: Nano,
  minimumNano: Nano,
): Promise<HoldOutcome> {
  try {
    await announceInstance();
    return await placeHold({
      requestId: exchange.requestId,
      accountId: exchange.caller.accountId,
      keyId: exchange.caller.keyId,
      instanceId: instanceId(),
      wantedNano,
      minimumNano,
      model: offer.model.id,
      stream: request.stream,
      createdAt: exchange.startedAt,
    });
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    throw new AppError(
      'unavailable',
      'SaveRouter cannot reach its ledger just now. Nothing was charged; send the request again in a few seconds.',
      {
        headers: { 'retry-after': '2' },
        cause: error,
      },
    );
  }
}

function refusal(hold: HoldOutcome, estimate: HoldEstimate, minimumNano: Nano): AppError {
  const retry = { 'x-should-retry': 'false' };
  switch (hold.outcome) {
    case 'key_refused':
      return new AppError(
        'unauthenticated',
        'invalid x-api-key: this SaveRouter key was revoked, disabled or has expired.',
        { headers: retry },
      );
    case 'account_suspended':
      return new AppError('forbidden', 'This SaveRouter account is suspended. Write to support with your request id.', {
        headers: retry,
      });
    default:
      return insufficientCredits(hold, estimate, minimumNano);
  }
}

/** Half of all agents show nothing but the message, so it says everything; some look for "insufficient credits" and code 402. */
function insufficientCredits(hold: HoldOutcome, estimate: HoldEstimate, minimumNano: Nano): AppError {
  const spendableNano = hold.outcome === 'key_limit' ? (hold.keyRemainingNano ?? 0n) : hold.availableNano;
  const affordable = Math.max(0, affordableOutputTokens(estimate, spendableNano));
  const url = new URL('/billing', env().PUBLIC_URL).toString();
  const held =
    hold.pendingNano > 0n ? ` ($${formatUsd(hold.pendingNano)} more is held by requests that are running)` : '';
  const have =
    hold.outcome === 'key_limit'
      ? `insufficient credits: this key has $${formatUsd(spendableNano)} left of its spend limit`
      : `insufficient credits: your SaveRouter balance is $${formatUsd(spendableNano)}${held}`;
  const need =
    spendableNano > 0n
      ? `, and this request needs at least $${formatUsd(minimumNano)}; the largest affordable max_tokens is ${affordable}`
      : '';
  const cure =
    hold.outcome === 'key_limit'
      ? `Raise the key's limit at ${new URL('/keys', env().PUBLIC_URL).toString()}`
      : `Top up at ${url}`;
  return new AppError('insufficient_credits', `${have}${need}. ${cure}`, {
    headers: { 'x-should-retry': 'false' },
    fields: {
      code: 402,
      details: {
        error_code: hold.outcome === 'key_limit' ? 'key_spend_limit_reached' : 'insufficient_credits',
        balance_usd: formatUsd(hold.availableNano),
        affordable_max_tokens: affordable,
        top_up_url: url,
      },
    },
  });
}

/** A hold is never empty, even where a price is zero. */
function atLeastOne(amountNano: Nano): Nano {
  return amountNano > 0n ? amountNano : 1n;
}
