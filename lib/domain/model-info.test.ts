import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HAIKU, ODD, OPUS, SAMPLE_MODELS, SONNET } from '@/lib/testing/price-book';
import { modelInfo, pageModels, type ModelPage } from './model-info';
import type { CatalogueModel } from './price-book';

const HAIKU_DATED = 'claude-haiku-4-5-20251001';

function modelWith(changes: Partial<CatalogueModel>): CatalogueModel {
  return {
    id: OPUS,
    displayName: 'Claude Opus 4.8',
    aliases: [],
    maxInputTokens: 1_000_000,
    maxTokens: 128_000,
    releasedAt: new Date('2026-05-28T00:00:00Z'),
    details: {},
    ...changes,
  };
}

describe('modelInfo', () => {
  it('tells a model as the Messages API does, with its details as they are', () => {
    const details = { lifecycle: 'active', retires_at: null, capabilities: { batch: { supported: false } } };
    expect(modelInfo(modelWith({ details }))).toEqual({
      type: 'model',
      id: OPUS,
      display_name: 'Claude Opus 4.8',
      created_at: '2026-05-28T00:00:00Z',
      max_input_tokens: 1_000_000,
      max_tokens: 128_000,
      ...details,
    });
  });

  it('G-08 never has a null name or limit, whatever stands in the details', () => {
    const details = {
      type: null,
      id: 'x',
      display_name: null,
      created_at: 0,
      max_input_tokens: null,
      max_tokens: null,
    };
    expect(modelInfo(modelWith({ details: { ...details, line: 'opus' } }))).toEqual({
      ...modelInfo(modelWith({})),
      line: 'opus',
    });
  });

  it.each([null, 'text', 7, ['a']])('leaves out details that are no object: %j', (details) => {
    expect(modelInfo(modelWith({ details }))).toEqual(modelInfo(modelWith({})));
  });

  it('writes the date as RFC 3339, with a fraction only where there is one', () => {
    const releasedAt = new Date('2026-02-17T10:20:30.450Z');
    expect(modelInfo(modelWith({ releasedAt }))['created_at']).toBe('2026-02-17T10:20:30.450Z');
  });
});

type Asked = { limit?: number; afterId?: string; beforeId?: string };

function pageOf(models: readonly CatalogueModel[], { limit = 20, afterId, beforeId }: Asked): ModelPage {
  return pageModels(models, { limit, afterId, beforeId });
}

function idsOf({ data }: ModelPage): unknown[] {
  return data.map((info) => info['id']);
}

describe('pageModels', () => {
  it('shows all models in their order, by id and never by alias', () => {
    expect(pageOf(SAMPLE_MODELS, {})).toEqual({
      data: SAMPLE_MODELS.map(modelInfo),
      has_more: false,
      first_id: OPUS,
      last_id: ODD,
    });
    expect(idsOf(pageOf(SAMPLE_MODELS, {}))).toEqual([OPUS, SONNET, HAIKU, ODD]);
  });

  const PAGES: [asked: Asked, ids: string[], hasMore: boolean][] = [
    [{ limit: 1 }, [OPUS], true],
    [{ limit: 3 }, [OPUS, SONNET, HAIKU], true],
    [{ limit: 4 }, [OPUS, SONNET, HAIKU, ODD], false],
    [{ limit: 1_000 }, [OPUS, SONNET, HAIKU, ODD], false],
    [{ limit: 2, afterId: OPUS }, [SONNET, HAIKU], true],
    [{ limit: 3, afterId: OPUS }, [SONNET, HAIKU, ODD], false],
    [{ afterId: HAIKU_DATED }, [ODD], false],
    [{ limit: 2, beforeId: ODD }, [SONNET, HAIKU], true],
    [{ limit: 3, beforeId: ODD }, [OPUS, SONNET, HAIKU], false],
    [{ limit: 1, beforeId: HAIKU_DATED }, [SONNET], true],
  ];
  it.each(PAGES)('gives what stands next to the cursor, and whether there is more that way: %j', (asked, ids, more) => {
    const page = pageOf(SAMPLE_MODELS, asked);
    expect(idsOf(page)).toEqual(ids);
    expect(page).toMatchObject({ has_more: more, first_id: ids.at(0), last_id: ids.at(-1) });
  });

  it.each([{ afterId: ODD }, { beforeId: OPUS }, { afterId: 'claude-unknown' }, { beforeId: 'claude-unknown' }])(
    'ends in an empty page, on which no client goes on asking: %j',
    (asked) => {
      expect(pageOf(SAMPLE_MODELS, asked)).toEqual({ data: [], has_more: false, first_id: null, last_id: null });
    },
  );

  it('gives an empty page of no models', () => {
    expect(pageOf([], {})).toEqual({ data: [], has_more: false, first_id: null, last_id: null });
  });

  it('shows every model once to a client that follows the cursors, in either direction', () => {
    const counts = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 5 }), fc.boolean(), (count, limit, backwards) => {
        const models = Array.from({ length: count }, (_, index) => modelWith({ id: `claude-${index}` }));
        const seen: unknown[] = [];
        let page = backwards ? undefined : pageOf(models, { limit });
        // A client that goes backwards begins behind the last model.
        if (backwards) page = pageOf([...models, modelWith({ id: 'last' })], { limit, beforeId: 'last' });
        for (let pages = 0; page && pages < 20; pages += 1) {
          if (backwards) seen.unshift(...idsOf(page));
          else seen.push(...idsOf(page));
          const cursor: string | null = backwards ? page.first_id : page.last_id;
          if (!page.has_more || cursor === null) break;
          page = pageOf(models, backwards ? { limit, beforeId: cursor } : { limit, afterId: cursor });
        }
        expect(seen).toEqual(models.map(({ id }) => id));
      }),
      { numRuns: 200 },
    );
  });
});
