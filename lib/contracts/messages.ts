import { z } from 'zod';
import { AppError } from '@/lib/domain/app-error';
import { JsonScanError } from '@/lib/domain/json-scanner';
import { scanMessagesBody, type MessagesBody } from '@/lib/domain/messages-body';

/** Anthropic's limit for messages and count_tokens. */
export const BODY_BYTES_MAX = 32 * 1024 * 1024;

export type MessagesRequest = MessagesBody & {
  model: string;
  maxTokens: number;
  stream: boolean;
  thread: Thread | undefined;
  thinkingBudgetTokens: number;
  speed: string | undefined;
  inferenceGeo: string | undefined;
};

export type Thread = { type: 'create' } | { type: 'continue'; previousMessageId: string };

/** What ids are made of. PostgreSQL takes no NUL, and nobody could tell an id with spaces from one without. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

const threadSchema = z.union([
  z.looseObject({ type: z.literal('create') }).transform((): Thread => ({ type: 'create' })),
  z
    .looseObject({ type: z.literal('continue'), previous_message_id: z.string().max(200).regex(VISIBLE_ASCII) })
    .transform((thread): Thread => ({ type: 'continue', previousMessageId: thread.previous_message_id })),
]);
const budgetSchema = z.looseObject({ type: z.literal('enabled'), budget_tokens: z.int().nonnegative() });

/** Fields that two parsers could read differently and that decide the price: given twice, they are refused. */
const DECIDING_FIELDS = ['model', 'max_tokens', 'stream', 'speed', 'inference_geo', 'thinking', 'thread', 'tools'];
/** Inputs that reach state which the upstream shares between all customers, or that change who is billed. */
const SHARED_STATE_FIELDS = [
  'container',
  'diagnostics',
  'fallbacks',
  'fallback_credit_token',
  'billing_policy',
  'user_profile_id',
  'workspace_id',
];
const WEB_TOOLS_WITH_FREE_EXECUTION = /^web_(?:search|fetch)_(\d{8})$/;
const FREE_EXECUTION_SINCE = '20260209';

/**
 * Reads what the gateway needs of a Messages API body and refuses what a shared upstream account can't serve. Everything
 * else is passed on for the upstream to validate, in its own words.
 * @throws AppError invalid_request, with a message that says what to change.
 */
export function parseMessagesRequest(bytes: Buffer): MessagesRequest {
  const body = scan(bytes);
  refuseDuplicates(body);
  refuseSharedState(body);
  if (!body.fields.includes('max_tokens')) throw invalid('max_tokens: Field required');
  if (!isTokenCount(body.maxTokens)) throw invalid('max_tokens: Input should be a valid integer, 0 or more');
  if (body.stream !== undefined && body.stream !== null && typeof body.stream !== 'boolean')
    throw invalid('stream: Input should be a valid boolean');
  const budget = budgetSchema.safeParse(body.thinking);
  return {
    ...body,
    model: readModel(body),
    maxTokens: body.maxTokens,
    stream: body.stream === true,
    thread: readThread(body.thread),
    thinkingBudgetTokens: budget.success ? budget.data.budget_tokens : 0,
    speed: typeof body.speed === 'string' ? body.speed : undefined,
    inferenceGeo: typeof body.inferenceGeo === 'string' ? body.inferenceGeo : undefined,
  };
}

/** Reads a count_tokens body: like a message's, without `max_tokens`. @throws AppError invalid_request */
export function parseCountTokensRequest(bytes: Buffer): { model: string; thread: Thread | undefined } {
  const body = scan(bytes);
  refuseDuplicates(body);
  refuseSharedState(body);
  return { model: readModel(body), thread: readThread(body.thread) };
}

function scan(bytes: Buffer): MessagesBody {
  try {
    return scanMessagesBody(bytes);
  } catch (error) {
    if (!(error instanceof JsonScanError)) throw error;
    throw invalid(
      `The request body is not valid JSON: ${error.message}. Send one JSON object with model, max_tokens and messages.`,
    );
  }
}

function readModel(body: MessagesBody): string {
  if (!body.fields.includes('model')) throw invalid('model: Field required');
  if (typeof body.model !== 'string') throw invalid('model: Input should be a valid string');
  return body.model;
}

function readThread(thread: unknown): Thread | undefined {
  if (thread === undefined || thread === null) return undefined;
  const parsed = threadSchema.safeParse(thread);
  if (!parsed.success)
    throw invalid('thread: Input should be {"type": "create"} or {"type": "continue", "previous_message_id": "msg_…"}');
  return parsed.data;
}

function refuseDuplicates(body: MessagesBody): void {
  for (const field of DECIDING_FIELDS) {
    if (body.fields.indexOf(field) !== body.fields.lastIndexOf(field))
      throw invalid(`${field}: the field is given twice; send it once`);
  }
}

function refuseSharedState(body: MessagesBody): void {
  for (const field of SHARED_STATE_FIELDS) {
    if (body.fields.includes(field)) throw notAvailable(field);
  }
  if (body.usesFiles)
    throw notAvailable(
      'file_id sources and container_upload blocks',
      'Send images and documents as base64 or by url instead.',
    );
  const freeExecution = body.tools.some(
    (tool) => (WEB_TOOLS_WITH_FREE_EXECUTION.exec(tool.type)?.[1] ?? '') >= FREE_EXECUTION_SINCE,
  );
  for (const { type } of body.tools) {
    if (type.startsWith('advisor_')) throw notAvailable(`the tool ${type}`);
    if (type.startsWith('code_execution_') && !freeExecution) {
      throw notAvailable(
        `the tool ${type} on its own`,
        'Its container time is not in usage and could not be charged exactly; offer it together with web_search_20260209 or web_fetch_20260209 or newer.',
      );
    }
  }
}

function isTokenCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function notAvailable(what: string, instead = 'Leave it out of the request.'): AppError {
  return invalid(
    `${what}: not available on SaveRouter, because it names state or billing of an upstream account that customers share. ${instead}`,
  );
}

function invalid(message: string): AppError {
  return new AppError('invalid_request', message);
}
