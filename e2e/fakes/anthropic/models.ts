import { ApiError, invalidRequest } from './api-error';
import type { Json, JsonObject } from './json';

export interface Model {
  /** The id that answers carry; a short name such as claude-haiku-4-5 is answered by its dated one. */
  id: string;
  aliases: string[];
  displayName: string;
  line: string;
  createdAt: string;
  maxInputTokens: number;
  maxOutputTokens: number;
  minCacheableTokens: number;
  thinking: { adaptive: boolean; enabled: boolean };
  /** Whether `temperature`, `top_p` and `top_k` may differ from their defaults. */
  sampling: boolean;
  effort: boolean;
  fast: boolean;
  geo: boolean;
  prefill: boolean;
  systemMessages: boolean;
}

const MODELS: Model[] = [
  {
    id: 'claude-opus-4-8',
    aliases: [],
    displayName: 'Claude Opus 4.8',
    line: 'opus',
    createdAt: '2026-05-28T00:00:00Z',
    maxInputTokens: 1_000_000,
    maxOutputTokens: 128_000,
    minCacheableTokens: 1024,
    thinking: { adaptive: true, enabled: false },
    sampling: false,
    effort: true,
    fast: true,
    geo: true,
    prefill: false,
    systemMessages: true,
  },
  {
    id: 'claude-sonnet-4-6',
    aliases: [],
    displayName: 'Claude Sonnet 4.6',
    line: 'sonnet',
    createdAt: '2026-02-17T00:00:00Z',
    maxInputTokens: 1_000_000,
    maxOutputTokens: 128_000,
    minCacheableTokens: 1024,
    thinking: { adaptive: true, enabled: true },
    sampling: true,
    effort: true,
    fast: false,
    geo: true,
    prefill: false,
    systemMessages: false,
  },
  {
    id: 'claude-haiku-4-5-20251001',
    aliases: ['claude-haiku-4-5'],
    displayName: 'Claude Haiku 4.5',
    line: 'haiku',
    createdAt: '2025-10-15T00:00:00Z',
    maxInputTokens: 200_000,
    maxOutputTokens: 64_000,
    minCacheableTokens: 4096,
    thinking: { adaptive: false, enabled: true },
    sampling: true,
    effort: false,
    fast: false,
    geo: false,
    prefill: true,
    systemMessages: false,
  },
];

const DEFAULT_PAGE = 20;
const MAX_PAGE = 1000;

/** Throws the API's 404 for an id that is no model's. */
export function findModel(id: string): Model {
  const model = MODELS.find((candidate) => candidate.id === id || candidate.aliases.includes(id));
  if (model === undefined) throw new ApiError(404, 'not_found_error', `model: ${id}`);
  return model;
}

export function modelInfo(model: Model): JsonObject {
  return {
    type: 'model',
    id: model.id,
    display_name: model.displayName,
    created_at: model.createdAt,
    max_input_tokens: model.maxInputTokens,
    max_tokens: model.maxOutputTokens,
    lifecycle: 'active',
    line: model.line,
    deprecated_at: null,
    retires_at: null,
    capabilities: capabilities(model),
  };
}

/** One page of the list, by the query's `limit`, `after_id` and `before_id`. */
export function listModels(query: URLSearchParams): JsonObject {
  const limit = pageLimit(query.get('limit'));
  const afterId = query.get('after_id');
  const beforeId = query.get('before_id');
  if (afterId !== null && beforeId !== null) {
    throw invalidRequest('Only one of before_id and after_id can be specified.');
  }
  let candidates = MODELS;
  if (afterId !== null) candidates = MODELS.slice(positionOf(afterId, 'after_id') + 1);
  if (beforeId !== null) candidates = MODELS.slice(0, positionOf(beforeId, 'before_id'));
  const page = beforeId === null ? candidates.slice(0, limit) : candidates.slice(-limit);
  return {
    data: page.map(modelInfo),
    has_more: page.length < candidates.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  };
}

function pageLimit(text: string | null): number {
  if (text === null) return DEFAULT_PAGE;
  const limit = /^-?\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(limit)) {
    throw invalidRequest('limit: Input should be a valid integer, unable to parse string as an integer');
  }
  if (limit < 1) throw invalidRequest('limit: Input should be greater than or equal to 1');
  if (limit > MAX_PAGE) throw invalidRequest(`limit: Input should be less than or equal to ${String(MAX_PAGE)}`);
  return limit;
}

function positionOf(id: string, field: string): number {
  const position = MODELS.findIndex((model) => model.id === id || model.aliases.includes(id));
  if (position < 0) throw invalidRequest(`${field}: Invalid cursor`);
  return position;
}

function supported(value: boolean, more: Record<string, Json> = {}): JsonObject {
  return { supported: value, ...more };
}

function capabilities(model: Model): JsonObject {
  const effortLevels = Object.fromEntries(
    ['low', 'medium', 'high', 'xhigh', 'max'].map((level) => [level, supported(model.effort)]),
  );
  return {
    batch: supported(true),
    citations: supported(true),
    code_execution: supported(true),
    context_management: supported(true, {
      clear_tool_uses_20250919: supported(true),
      clear_thinking_20251015: supported(true),
      compact_20260112: supported(model.effort),
    }),
    effort: supported(model.effort, effortLevels),
    image_input: supported(true),
    pdf_input: supported(true),
    server_tools: supported(true, { web_search: supported(true), code_execution: supported(true) }),
    structured_outputs: supported(true),
    thinking: supported(true, {
      types: {
        adaptive: supported(model.thinking.adaptive),
        between_tools: supported(false),
        disabled: supported(true),
        enabled: supported(model.thinking.enabled),
      },
    }),
  };
}
