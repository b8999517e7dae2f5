import { newId } from '@/lib/domain/id';
import { connectPrisma } from '@/lib/platform/prisma';

/** The first prices count from here, before any request. */
const EFFECTIVE_FROM = new Date('2026-01-01T00:00:00Z');
/** Nano-USD per million tokens for one US cent per million tokens. */
const CENT = 10_000_000n;
/** Ten dollars per thousand searches, whichever model asks. */
const WEB_SEARCH_NANO = 10_000_000_000_000n;
const BATCH_PERCENT = 50;

/**
 * Puts the models and their first prices into a migrated database. What is there stays as it is, so that it may run at
 * every start, from several processes at once, and never undoes what an operator set.
 */
export async function seed(databaseUrl: string): Promise<void> {
  const prisma = connectPrisma(databaseUrl);
  try {
    await prisma.model.createMany({ data: MODELS, skipDuplicates: true });
    const prices = PRICES.map((price) => ({
      ...price,
      id: newId('price', Date.now()),
      effectiveFrom: EFFECTIVE_FROM,
      webSearchNano: WEB_SEARCH_NANO,
      batchPercent: BATCH_PERCENT,
    }));
    await prisma.modelPrice.createMany({ data: prices, skipDuplicates: true });
  } finally {
    await prisma.$disconnect();
  }
}

const MODELS = [
  {
    id: 'claude-opus-4-8',
    displayName: 'Claude Opus 4.8',
    aliases: [],
    maxInputTokens: 1_000_000,
    maxTokens: 128_000,
    releasedAt: new Date('2026-05-28T00:00:00Z'),
    position: 1,
    details: details('opus', {
      compaction: true,
      effort: ['low', 'medium', 'high', 'xhigh', 'max'],
      thinking: ['adaptive', 'disabled'],
    }),
  },
  {
    id: 'claude-sonnet-4-6',
    displayName: 'Claude Sonnet 4.6',
    aliases: [],
    maxInputTokens: 1_000_000,
    maxTokens: 128_000,
    releasedAt: new Date('2026-02-17T00:00:00Z'),
    position: 2,
    details: details('sonnet', {
      compaction: true,
      effort: ['low', 'medium', 'high', 'max'],
      thinking: ['adaptive', 'disabled', 'enabled'],
    }),
  },
  {
    id: 'claude-haiku-4-5',
    displayName: 'Claude Haiku 4.5',
    aliases: ['claude-haiku-4-5-20251001'],
    maxInputTokens: 200_000,
    maxTokens: 64_000,
    releasedAt: new Date('2025-10-15T00:00:00Z'),
    position: 3,
    details: details('haiku', { compaction: false, effort: [], thinking: ['disabled', 'enabled'] }),
  },
];

const PRICES = [
  {
    modelId: 'claude-opus-4-8',
    inputNano: 500n * CENT,
    outputNano: 2_500n * CENT,
    cacheWrite5mNano: 625n * CENT,
    cacheWrite1hNano: 1_000n * CENT,
    cacheReadNano: 50n * CENT,
    fastPercent: 200,
    usPercent: 110,
  },
  {
    modelId: 'claude-sonnet-4-6',
    inputNano: 300n * CENT,
    outputNano: 1_500n * CENT,
    cacheWrite5mNano: 375n * CENT,
    cacheWrite1hNano: 600n * CENT,
    cacheReadNano: 30n * CENT,
    fastPercent: null,
    usPercent: 110,
  },
  {
    modelId: 'claude-haiku-4-5',
    inputNano: 100n * CENT,
    outputNano: 500n * CENT,
    cacheWrite5mNano: 125n * CENT,
    cacheWrite1hNano: 200n * CENT,
    cacheReadNano: 10n * CENT,
    fastPercent: null,
    usPercent: 100,
  },
];

type Abilities = { compaction: boolean; effort: string[]; thinking: string[] };

/**
 * The rest of the Messages API's ModelInfo. It says what works through this gateway: batches, and code execution, whose
 * containers all customers of one upstream account would share, are refused and so not supported.
 */
function details(line: string, { compaction, effort, thinking }: Abilities) {
  const supported = (is: boolean) => ({ supported: is });
  const each = (names: string[], able: string[]) =>
    Object.fromEntries(names.map((name) => [name, supported(able.includes(name))]));
  return {
    lifecycle: 'active',
    line,
    deprecated_at: null,
    retires_at: null,
    capabilities: {
      batch: supported(false),
      citations: supported(true),
      code_execution: supported(false),
      context_management: {
        supported: true,
        clear_tool_uses_20250919: supported(true),
        clear_thinking_20251015: supported(true),
        compact_20260112: supported(compaction),
      },
      effort: { supported: effort.length > 0, ...each(['low', 'medium', 'high', 'xhigh', 'max'], effort) },
      image_input: supported(true),
      pdf_input: supported(true),
      server_tools: { supported: true, web_search: supported(true), code_execution: supported(false) },
      structured_outputs: supported(true),
      thinking: { supported: true, types: each(['adaptive', 'between_tools', 'disabled', 'enabled'], thinking) },
    },
  };
}
