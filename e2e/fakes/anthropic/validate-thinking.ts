import { invalidRequest } from './api-error';
import { isObject, textOf, type JsonObject } from './json';
import type { Model } from './models';

const MIN_BUDGET_TOKENS = 1024;

/** Whether the request asks for thinking at all. */
export function isThinking(body: JsonObject): boolean {
  const thinking = body['thinking'];
  return isObject(thinking) && (thinking['type'] === 'enabled' || thinking['type'] === 'adaptive');
}

/** The rules of thinking, which differ from model to model. */
export function validateThinking(body: JsonObject, model: Model): void {
  const thinking = body['thinking'];
  if (thinking === undefined || thinking === null) return;
  if (!isObject(thinking)) throw invalidRequest('thinking: Input should be a valid dictionary');
  switch (thinking['type']) {
    case 'disabled':
      return;
    case 'adaptive':
      if (!model.thinking.adaptive) throw invalidRequest('adaptive thinking is not supported on this model');
      break;
    case 'enabled':
      validateEnabled(thinking, body, model);
      break;
    default:
      throw invalidRequest(
        `thinking: Input tag '${textOf(thinking['type'])}' found using 'type' does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'`,
      );
  }
  refuseForcedTool(body);
  if (body['temperature'] !== undefined && body['temperature'] !== 1) {
    throw invalidRequest('`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.');
  }
}

function validateEnabled(thinking: JsonObject, body: JsonObject, model: Model): void {
  if (!model.thinking.enabled) {
    throw invalidRequest(
      '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
    );
  }
  const budget = thinking['budget_tokens'];
  if (budget === undefined) throw invalidRequest('thinking.enabled.budget_tokens: Field required');
  if (typeof budget !== 'number' || !Number.isInteger(budget)) {
    throw invalidRequest('thinking.enabled.budget_tokens: Input should be a valid integer');
  }
  if (budget < MIN_BUDGET_TOKENS) {
    throw invalidRequest('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
  }
  const maxTokens = body['max_tokens'];
  if (typeof maxTokens === 'number' && budget >= maxTokens) {
    throw invalidRequest('`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
}

function refuseForcedTool(body: JsonObject): void {
  const choice = body['tool_choice'];
  if (isObject(choice) && (choice['type'] === 'any' || choice['type'] === 'tool')) {
    throw invalidRequest('Thinking may not be enabled when tool_choice forces tool use.');
  }
}
