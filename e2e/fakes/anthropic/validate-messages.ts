import { invalidRequest } from './api-error';
import { isObject, objectsOf, textOf, type Json, type JsonObject } from './json';
import type { Model } from './models';
import { isValidSignature } from './signature';

const MAX_MESSAGES = 100_000;
const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
const PREFILL_MESSAGE =
  'This model does not support assistant message prefill. The conversation must end with a user message.';

/** Block types that a request may hold, as the API's message lists them. */
const BLOCK_TYPES = new Set(
  `bash_code_execution_tool_result code_execution_tool_result compaction connector_text container_upload document
  fallback image mcp_tool_listing mcp_tool_result mcp_tool_use redacted_thinking search_result server_tool_use text
  text_editor_code_execution_tool_result thinking tool_addition tool_reference tool_removal tool_result
  tool_search_tool_result tool_use web_fetch_tool_result web_search_tool_result advisor_tool_result`.split(/\s+/),
);

/** The messages one by one, then how they follow each other. */
export function validateMessages(body: JsonObject, model: Model, newestVersion: boolean): void {
  const messages = Array.isArray(body['messages']) ? body['messages'] : [];
  if (messages.length === 0) throw invalidRequest('messages: at least one message is required');
  if (messages.length > MAX_MESSAGES) throw invalidRequest('messages: List should have at most 100000 items');
  messages.forEach((message, index) => {
    const at = `messages.${String(index)}`;
    if (!isObject(message)) throw invalidRequest(`${at}: Input should be a valid dictionary`);
    validateRole(message, index, model);
    validateContent(message, at, index === messages.length - 1);
    objectsOf(message['content']).forEach((block, position) => {
      validateBlock(block, `${at}.content.${String(position)}`, textOf(message['role']), newestVersion);
    });
  });
  const list = objectsOf(messages);
  if (list[0]?.['role'] === 'assistant') throw invalidRequest('messages: first message must use the "user" role');
  if (list.at(-1)?.['role'] === 'assistant' && !model.prefill && !isUnfinished(list.at(-1))) {
    throw invalidRequest(PREFILL_MESSAGE);
  }
  validateToolPairs(list);
}

function validateRole(message: JsonObject, index: number, model: Model): void {
  const role = message['role'];
  if (role === undefined) throw invalidRequest(`messages.${String(index)}.role: Field required`);
  if (role === 'user' || role === 'assistant') return;
  if (role === 'system' && model.systemMessages && index > 0) return;
  if (role === 'system') {
    throw invalidRequest(
      'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.',
    );
  }
  throw invalidRequest(`messages: Unexpected role "${textOf(role)}". Allowed roles are "user" or "assistant".`);
}

function validateContent(message: JsonObject, at: string, isLast: boolean): void {
  const content = message['content'];
  if (content === undefined) throw invalidRequest(`${at}.content: Field required`);
  if (typeof content !== 'string' && !Array.isArray(content)) {
    throw invalidRequest(`${at}.content: Input should be a valid list`);
  }
  if (content.length === 0 && !(isLast && message['role'] === 'assistant')) {
    throw invalidRequest(
      `${at}: all messages must have non-empty content except for the optional final assistant message`,
    );
  }
}

function validateBlock(block: JsonObject, at: string, role: string, newestVersion: boolean): void {
  const type = textOf(block['type']);
  if (type === '') throw invalidRequest(`${at}.type: Field required`);
  if (!BLOCK_TYPES.has(type)) {
    const tags = [...BLOCK_TYPES].map((name) => `'${name}'`).join(', ');
    throw invalidRequest(
      `${at}: Input tag '${type}' found using 'type' does not match any of the expected tags: ${tags}`,
    );
  }
  if (type === 'text') validateText(block, at, role, newestVersion);
  if (type === 'image') validateImage(block, at);
  if (type === 'thinking' && !isValidSignature(block)) {
    throw invalidRequest(`${at}: Invalid \`signature\` in \`thinking\` block`);
  }
  if (type === 'document' && role === 'assistant' && newestVersion) {
    throw invalidRequest(`${at}: \`document\` blocks are not permitted in assistant messages`);
  }
  if (type === 'tool_result' && block['tool_use_id'] === undefined) {
    throw invalidRequest(`${at}.tool_result.tool_use_id: Field required`);
  }
}

function validateText(block: JsonObject, at: string, role: string, newestVersion: boolean): void {
  if (typeof block['text'] !== 'string') throw invalidRequest(`${at}.text.text: Field required`);
  if (block['text'] === '') throw invalidRequest('messages: text content blocks must be non-empty');
  if (newestVersion && role === 'user' && Array.isArray(block['citations']) && block['citations'].length > 0) {
    throw invalidRequest(`${at}.text.citations: citations are not permitted in user messages`);
  }
}

function validateImage(block: JsonObject, at: string): void {
  const source = block['source'];
  if (!isObject(source)) throw invalidRequest(`${at}.image.source: Field required`);
  if (source['type'] !== 'base64') return;
  if (!IMAGE_TYPES.includes(textOf(source['media_type']))) {
    throw invalidRequest(
      `${at}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`,
    );
  }
  if (textOf(source['data']) === '') throw invalidRequest(`${at}.image.source.base64.data: Field required`);
}

/** A turn of server tools or of compaction may be handed back as it stopped, to be gone on with. */
function isUnfinished(message: JsonObject | undefined): boolean {
  const last = objectsOf(message?.['content']).at(-1);
  const type = textOf(last?.['type']);
  return type === 'server_tool_use' || type.endsWith('_tool_result') || type === 'compaction';
}

/** Every tool_use is answered by the next message, and every tool_result answers one of the message before. */
function validateToolPairs(messages: JsonObject[]): void {
  const turns = messages.map((message, at) => ({ message, at })).filter(({ message }) => message['role'] !== 'system');
  turns.forEach(({ message, at }, turn) => {
    const before = idsOf(turns[turn - 1]?.message, 'assistant', 'tool_use', 'id');
    objectsOf(message['content']).forEach((block, position) => {
      if (block['type'] === 'tool_result' && !before.includes(textOf(block['tool_use_id']))) {
        throw invalidRequest(
          `messages.${String(at)}.content.${String(position)}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${textOf(block['tool_use_id'])}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
        );
      }
    });
    const answered = idsOf(turns[turn + 1]?.message, 'user', 'tool_result', 'tool_use_id');
    const open = idsOf(message, 'assistant', 'tool_use', 'id').filter((id) => !answered.includes(id));
    if (open.length > 0) {
      throw invalidRequest(
        `messages.${String(at)}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    }
  });
}

function idsOf(message: JsonObject | undefined, role: string, type: string, field: string): string[] {
  if (message?.['role'] !== role) return [];
  return objectsOf(message['content'] as Json)
    .filter((block) => block['type'] === type)
    .map((block) => textOf(block[field]));
}
