import { invalidRequest } from './api-error';
import { isObject, objectsOf, textOf, type Json, type JsonObject } from './json';
import { findModel, type Model } from './models';
import { validateMessages } from './validate-messages';
import { validateThinking } from './validate-thinking';
import { validateTools } from './validate-tools';

/** What a request's headers say about how its body is read. */
export interface Dialect {
  version: string;
  betas: string[];
}

type Purpose = 'answer' | 'count';

const NEWEST_VERSION = '2026-10-21';
const MAX_CACHE_BREAKPOINTS = 4;

const FIELDS = new Set(`model messages cache_control output_config speed system thinking tool_choice tools`.split(' '));
const ANSWER_FIELDS = new Set(
  `max_tokens container diagnostics inference_geo metadata service_tier stop_sequences stream`.split(' '),
);
const SAMPLING_FIELDS = ['temperature', 'top_p', 'top_k'];

/** Fields that exist only under a beta, by the beginnings of the betas that bring them. */
const BETA_FIELDS: Record<string, string[]> = {
  context_management: ['context-management-', 'compact-'],
  compaction: ['compact-2026-09-04'],
  mcp_servers: ['mcp-client-'],
  fallbacks: ['server-side-fallback-'],
  fallback_credit_token: ['fallback-credit-'],
  thread: ['message-threads-'],
  output_format: ['structured-outputs-'],
  billing_policy: ['user-profiles-'],
};

/** The shape of the body on its own: fields, types and ranges. Gives the model it asks for. */
export function validateFields(body: JsonObject, dialect: Dialect, purpose: Purpose): Model {
  requireFields(body, purpose);
  refuseUnknownFields(body, dialect, purpose);
  requireType(body, 'model', isText, 'string');
  requireType(body, 'messages', Array.isArray, 'list');
  requireType(body, 'stream', isBoolean, 'boolean');
  requireType(body, 'stop_sequences', Array.isArray, 'list');
  requireType(body, 'metadata', isObject, 'dictionary');
  const system = body['system'];
  if (system !== undefined && !isText(system) && !Array.isArray(system)) {
    throw invalidRequest('system: Input should be a valid list');
  }
  requireOneOf(body, 'service_tier', ['auto', 'standard_only']);
  requireOneOf(body, 'speed', ['standard', 'fast']);
  const userId = isObject(body['metadata']) ? textOf(body['metadata']['user_id']) : '';
  if (userId.length > 512) throw invalidRequest('metadata.user_id: String should have at most 512 characters');
  const model = findModel(textOf(body['model']));
  if (purpose === 'answer') validateMaxTokens(body, model);
  validateSampling(body, model);
  validateModelFeatures(body, model);
  return model;
}

/** The conversation as a whole, after a thread's earlier turns were put before it. */
export function validateConversation(body: JsonObject, model: Model, dialect: Dialect): void {
  validateTools(body);
  validateThinking(body, model);
  validateMessages(body, model, dialect.version === NEWEST_VERSION);
  validateCacheControl(body);
}

function requireFields(body: JsonObject, purpose: Purpose): void {
  const required = purpose === 'answer' ? ['model', 'max_tokens', 'messages'] : ['model', 'messages'];
  const missing = required.find((field) => body[field] === undefined);
  if (missing !== undefined) throw invalidRequest(`${missing}: Field required`);
}

function refuseUnknownFields(body: JsonObject, dialect: Dialect, purpose: Purpose): void {
  for (const field of Object.keys(body)) {
    if (!isKnownField(field, dialect, purpose)) throw invalidRequest(`${field}: Extra inputs are not permitted`);
  }
}

function isKnownField(field: string, dialect: Dialect, purpose: Purpose): boolean {
  if (FIELDS.has(field)) return true;
  if (purpose === 'answer' && ANSWER_FIELDS.has(field)) return true;
  if (SAMPLING_FIELDS.includes(field)) return purpose === 'answer' && dialect.version !== NEWEST_VERSION;
  const betas = Object.hasOwn(BETA_FIELDS, field) ? BETA_FIELDS[field] : undefined;
  return betas?.some((prefix) => dialect.betas.some((beta) => beta.startsWith(prefix))) ?? false;
}

function validateMaxTokens(body: JsonObject, model: Model): void {
  const maxTokens = body['max_tokens'];
  if (typeof maxTokens !== 'number' || !Number.isInteger(maxTokens)) {
    throw invalidRequest('max_tokens: Input should be a valid integer');
  }
  if (maxTokens < 0) throw invalidRequest('max_tokens: Input should be greater than or equal to 0');
  if (maxTokens > model.maxOutputTokens) {
    throw invalidRequest(
      `max_tokens: ${String(maxTokens)} > ${String(model.maxOutputTokens)}, which is the maximum allowed number of output tokens for ${model.id}`,
    );
  }
  if (maxTokens === 0) validatePreWarm(body);
}

/** `max_tokens: 0` only fills the cache, which leaves no room for anything that shapes an answer. */
function validatePreWarm(body: JsonObject): void {
  const { stream, tool_choice: choice, output_config: config } = body;
  const forced = isObject(choice) && (choice['type'] === 'any' || choice['type'] === 'tool');
  const structured = isObject(config) && config['format'] !== undefined;
  const obstacle = [
    [stream === true, 'stream'],
    [forced, 'a forced tool_choice'],
    [structured, 'output_config.format'],
  ].find(([present]) => present);
  if (obstacle !== undefined) throw invalidRequest(`max_tokens: 0 is not supported with ${String(obstacle[1])}`);
}

function validateSampling(body: JsonObject, model: Model): void {
  for (const field of SAMPLING_FIELDS) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'number') throw invalidRequest(`${field}: Input should be a valid number`);
    if (value < 0) throw invalidRequest(`${field}: Input should be greater than or equal to 0`);
    if (field !== 'top_k' && value > 1) throw invalidRequest(`${field}: Input should be less than or equal to 1`);
    const isDefault = field === 'temperature' && value === 1;
    if (!model.sampling && !isDefault) throw invalidRequest(`\`${field}\` is deprecated for this model.`);
  }
}

function validateModelFeatures(body: JsonObject, model: Model): void {
  const outputConfig = body['output_config'];
  if (isObject(outputConfig) && outputConfig['effort'] !== undefined && !model.effort) {
    throw invalidRequest('This model does not support the effort parameter.');
  }
  if (body['inference_geo'] !== undefined && body['inference_geo'] !== null && !model.geo) {
    throw invalidRequest(`inference_geo: not supported for ${model.id}`);
  }
  requireOneOf(body, 'inference_geo', ['us', 'global']);
  if (body['speed'] === 'fast' && !model.fast)
    throw invalidRequest(`speed: fast mode is not supported for ${model.id}`);
}

/** At most four breakpoints, the automatic one included, and none of an hour after one of five minutes. */
function validateCacheControl(body: JsonObject): void {
  const controls = cacheControls(body);
  if (controls.length > MAX_CACHE_BREAKPOINTS) {
    throw invalidRequest(
      `A maximum of ${String(MAX_CACHE_BREAKPOINTS)} blocks with cache_control may be provided. Found ${String(controls.length)}.`,
    );
  }
  for (const control of controls) {
    if (control['type'] !== 'ephemeral') {
      throw invalidRequest("cache_control: Input tag does not match any of the expected tags: 'ephemeral'");
    }
    if (control['ttl'] !== undefined) requireOneOf(control, 'ttl', ['5m', '1h']);
  }
  const firstShort = controls.findIndex((control) => control['ttl'] !== '1h');
  if (firstShort >= 0 && controls.slice(firstShort).some((control) => control['ttl'] === '1h')) {
    throw invalidRequest(
      "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
    );
  }
}

function cacheControls(body: JsonObject): JsonObject[] {
  const messages = objectsOf(body['messages']).flatMap((message) => objectsOf(message['content']));
  const nested = messages.flatMap((block) => [block, ...objectsOf(block['content'])]);
  const places = [...objectsOf(body['tools']), ...objectsOf(body['system']), ...nested, body];
  return places.map((place) => place['cache_control']).filter(isObject);
}

function requireType(body: JsonObject, field: string, is: (value: Json) => boolean, name: string): void {
  const value = body[field];
  if (value !== undefined && !is(value)) throw invalidRequest(`${field}: Input should be a valid ${name}`);
}

function requireOneOf(body: JsonObject, field: string, allowed: string[]): void {
  const value = body[field];
  if (value === undefined || value === null || allowed.includes(textOf(value))) return;
  const names = allowed.map((name) => `'${name}'`).join(' or ');
  throw invalidRequest(`${field}: Input should be ${names}`);
}

function isText(value: Json): boolean {
  return typeof value === 'string';
}

function isBoolean(value: Json): boolean {
  return typeof value === 'boolean';
}
