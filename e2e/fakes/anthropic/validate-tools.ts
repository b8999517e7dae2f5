import { invalidRequest } from './api-error';
import { isObject, textOf, type JsonObject } from './json';

const NAME_PATTERN = /^[a-zA-Z0-9_-]{1,128}$/;
const CHOICES = ['auto', 'any', 'tool', 'none'];

function isCustomTool(tool: JsonObject): boolean {
  return tool['type'] === undefined || tool['type'] === null || tool['type'] === 'custom';
}

/** The tools offered and the choice among them. */
export function validateTools(body: JsonObject): void {
  const tools = body['tools'];
  if (tools !== undefined && !Array.isArray(tools)) throw invalidRequest('tools: Input should be a valid list');
  const names = new Set<string>();
  (tools ?? []).forEach((tool, index) => {
    if (!isObject(tool)) throw invalidRequest(`tools.${String(index)}: Input should be a valid dictionary`);
    validateTool(tool, index);
    const name = textOf(tool['name']);
    if (name !== '' && names.has(name)) throw invalidRequest('tools: Tool names must be unique.');
    names.add(name);
  });
  validateChoice(body['tool_choice'], names, tools?.length ?? 0);
}

function validateTool(tool: JsonObject, index: number): void {
  if (!isCustomTool(tool)) return;
  const at = `tools.${String(index)}.custom`;
  if (tool['name'] === undefined) throw invalidRequest(`${at}.name: Field required`);
  if (typeof tool['name'] !== 'string' || !NAME_PATTERN.test(tool['name'])) {
    throw invalidRequest(`${at}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
  }
  if (tool['input_schema'] === undefined) throw invalidRequest(`${at}.input_schema: Field required`);
  if (!isObject(tool['input_schema'])) throw invalidRequest(`${at}.input_schema: Input should be a valid dictionary`);
  if (tool['input_schema']['type'] !== 'object') {
    throw invalidRequest(`${at}.input_schema.type: Input should be 'object'`);
  }
}

function validateChoice(choice: unknown, names: Set<string>, offered: number): void {
  if (choice === undefined || choice === null) return;
  if (!isObject(choice)) throw invalidRequest('tool_choice: Input should be a valid dictionary');
  const type = textOf(choice['type']);
  if (!CHOICES.includes(type)) {
    throw invalidRequest(
      `tool_choice: Input tag '${type}' found using 'type' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'`,
    );
  }
  if (offered === 0 && type !== 'none') {
    throw invalidRequest('tool_choice: may only be specified while providing tools');
  }
  if (type !== 'tool') return;
  if (choice['name'] === undefined) throw invalidRequest('tool_choice.tool.name: Field required');
  if (!names.has(textOf(choice['name']))) {
    throw invalidRequest(`tool_choice: Tool '${textOf(choice['name'])}' not found in provided tools`);
  }
}
