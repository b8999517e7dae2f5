import type { Fault } from '@/e2e/fakes/anthropic/fault';
import { question, type Question } from './question';
import { between, pick, type Random } from './random';

/** One request of a mix, and what may come of it when its client stays. */
export interface MixedRequest {
  kind: string;
  body: Question;
  statuses: number[];
  /** When its client goes: after so many milliseconds, or at the first delta. */
  leaves: number | 'amid' | undefined;
}

type Kind = { name: string; weight: number; make: (random: Random) => Made };
type Made = { fault?: Fault; more?: Question; statuses?: number[]; stream?: boolean };

const MODELS = ['claude-opus-4-8', 'claude-sonnet-4-6', 'claude-haiku-4-5'];
const LEAVES_SHARE = 0.12;
const STREAMS_SHARE = 0.65;

/** A request of a random kind for a random model, JSON or streamed, whose client may leave at a random moment. */
export function mixedRequest(random: Random, scenarios: readonly string[]): MixedRequest {
  const kinds = kindsOf(scenarios);
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  let left = random() * total;
  const kind = kinds.find(({ weight }) => (left -= weight) < 0) ?? kinds[0];
  if (!kind) throw new Error('there are kinds');
  const { fault = {}, more = {}, statuses = [200], stream = random() < STREAMS_SHARE } = kind.make(random);
  const model = pick(random, MODELS);
  const leaves = random() < LEAVES_SHARE ? (random() < 0.5 ? between(random, 0, 120) : 'amid') : undefined;
  return { kind: kind.name, body: question(fault, { model, stream, ...more }), statuses, leaves };
}

function kindsOf(scenarios: readonly string[]): Kind[] {
  const paced = (random: Random): Fault => ({
    outputTokens: between(random, 5, 150),
    eventDelayMs: between(random, 0, 6),
  });
  return [
    { name: 'text', weight: 26, make: (random) => ({ fault: paced(random) }) },
    { name: 'scenario', weight: 14, make: (random) => ({ fault: { scenario: pick(random, scenarios) } }) },
    { name: 'cache', weight: 10, make: (random) => ({ fault: { outputTokens: 20 }, more: cachedPrompt(random) }) },
    { name: 'tool', weight: 8, make: () => ({ more: { tools: [WEATHER] } }) },
    { name: 'web search', weight: 7, make: () => ({ more: { model: 'claude-sonnet-4-6', tools: [SEARCH] } }) },
    { name: 'thinking', weight: 6, make: () => ({ more: THINKING }) },
    { name: 'odd bytes', weight: 6, make: (random) => ({ fault: pick(random, ODD_BYTES), stream: true }) },
    { name: 'refused', weight: 7, make: (random) => refused(pick(random, REFUSALS)) },
    { name: 'cut', weight: 5, make: (random) => broken({ cutAfterEvents: between(random, 1, 9) }) },
    { name: 'truncated', weight: 3, make: (random) => broken({ truncateAfterEvents: between(random, 1, 9) }) },
    { name: 'error event', weight: 3, make: (random) => broken({ errorEventAfterEvents: between(random, 1, 9) }) },
    {
      name: 'half of a JSON',
      weight: 2,
      make: () => ({ fault: { truncateJson: true }, stream: false, statuses: [502] }),
    },
    { name: 'nonsense', weight: 2, make: () => ({ fault: { rawBody: '<html>' }, statuses: [502] }) },
    { name: 'a wrong model', weight: 1, make: () => ({ more: { model: 'claude-unknown' }, statuses: [404] }) },
  ];
}

const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a place.',
  input_schema: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
};
const SEARCH = { type: 'web_search_20250305', name: 'web_search', max_uses: 2 };
const THINKING = { model: 'claude-sonnet-4-6', thinking: { type: 'enabled', budget_tokens: 1_024 }, max_tokens: 2_048 };
const ODD_BYTES: Fault[] = [{ chunkBytes: 7 }, { chunkBytes: 61, crlf: true }, { gzip: true }, { splitAt: 333 }];
const REFUSALS = [400, 401, 403, 413, 429, 500, 529];

function cachedPrompt(random: Random): Question {
  const text = `Prompt ${String(between(random, 1, 8))}. ${'Know this well. '.repeat(1_250)}`;
  return { system: [{ type: 'text', text, cache_control: { type: 'ephemeral', ttl: pick(random, ['5m', '1h']) } }] };
}

function refused(status: number): Made {
  const told: Record<number, number> = { 401: 500, 403: 500, 429: 529 };
  return { fault: { status, message: 'No.' }, statuses: [told[status] ?? status] };
}

/** Breaks amid the events; where what was sent was lost with the connection, before them. */
function broken(fault: Fault): Made {
  return { fault: { outputTokens: 80, eventDelayMs: 3, ...fault }, stream: true, statuses: [200, 502, 529] };
}
