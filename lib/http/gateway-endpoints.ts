import { countTokens } from '@/lib/services/gateway/count-tokens';
import { createMessage } from '@/lib/services/gateway/create-message';
import { getModel } from '@/lib/services/gateway/get-model';
import { listModels } from '@/lib/services/gateway/list-models';
import type { GatewayVerb } from './serve-exchange';

export type GatewayMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The verbs of one path of the API, by method; none where there is nothing. */
export type GatewayEndpoint = Partial<Record<GatewayMethod, GatewayVerb>>;

export const MESSAGES: GatewayEndpoint = { POST: createMessage };
export const COUNT_TOKENS: GatewayEndpoint = { POST: countTokens };
export const MODELS: GatewayEndpoint = { GET: listModels };
export const MODEL: GatewayEndpoint = { GET: getModel };
export const NOTHING: GatewayEndpoint = {};
