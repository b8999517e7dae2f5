import { jsonPart, textPart, type ContentPart } from './content-part';
import type { Fault } from './fault';
import type { IdSource } from './ids';
import { isObject, objectsOf, textOf, type JsonObject } from './json';
import { sampleJson } from './sample-json';

/** Inputs for the tools whose schema the model knows by their type. */
const TYPED_INPUTS: [RegExp, string, JsonObject][] = [
  [/^bash_/, 'bash', { command: 'echo hello' }],
  [/^text_editor_/, 'str_replace_based_edit_tool', { command: 'view', path: 'README.md' }],
  [/^memory_/, 'memory', { command: 'view', path: '/memories' }],
  [/^computer_2/, 'computer', { action: 'screenshot' }],
];

interface OfferedTool {
  name: string;
  input: (words: string) => JsonObject;
  forced: boolean;
}

/** The tool to call, or undefined when none is offered, none may be called, or the last message brings a result. */
export function offeredTool(body: JsonObject, fault: Fault): OfferedTool | undefined {
  const choice = isObject(body['tool_choice']) ? body['tool_choice'] : {};
  const forced = choice['type'] === 'tool' || choice['type'] === 'any';
  if (choice['type'] === 'none' || (bringsResult(body) && !forced)) return undefined;
  const tools = objectsOf(body['tools']).map((tool) => callable(tool, forced));
  const wanted = fault.toolName ?? (choice['type'] === 'tool' ? textOf(choice['name']) : undefined);
  const named = tools.find((tool) => tool !== undefined && tool.name === wanted);
  return named ?? tools.find((tool) => tool !== undefined);
}

/** The call, after a word about it unless the choice was forced, as the real models do it. */
export function composeTool(tool: OfferedTool, fault: Fault, prompt: string, ids: IdSource): ContentPart[] {
  const words = prompt.split(/\s+/).slice(0, 8).join(' ');
  const input = fault.toolInput ?? tool.input(words);
  const start = { type: 'tool_use', id: ids('toolu_'), name: tool.name, caller: { type: 'direct' } };
  const call = jsonPart(start, input);
  return tool.forced ? [call] : [textPart(`I'll use ${tool.name} for that.`), call];
}

function callable(tool: JsonObject, forced: boolean): OfferedTool | undefined {
  const schema = tool['input_schema'];
  if (isObject(schema)) {
    const input = (words: string) => {
      const value = sampleJson(schema, words);
      return isObject(value) ? value : {};
    };
    return { name: textOf(tool['name']), input, forced };
  }
  const typed = TYPED_INPUTS.find(([pattern]) => pattern.test(textOf(tool['type'])));
  if (typed === undefined) return undefined;
  const name = textOf(tool['name']) === '' ? typed[1] : textOf(tool['name']);
  return { name, input: () => typed[2], forced };
}

function bringsResult(body: JsonObject): boolean {
  const last = objectsOf(body['messages']).at(-1);
  return objectsOf(last?.['content']).some((block) => block['type'] === 'tool_result');
}
