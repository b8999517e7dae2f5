import { AppError } from '@/lib/domain/app-error';
import type { GatewayEndpoint } from './gateway-endpoints';

/** Why a path of the API does not take a method: 405 where others are taken, 404 where there is nothing at all. */
export function refuseMethod(endpoint: GatewayEndpoint, method: string, path: string): AppError {
  const allowed = Object.keys(endpoint);
  const what = `${method} ${path}`.slice(0, 200);
  if (allowed.length === 0) {
    return new AppError(
      'not_found',
      `Not found: ${what}. SaveRouter serves POST /v1/messages, POST /v1/messages/count_tokens, GET /v1/models and GET /v1/models/{id}.`,
    );
  }
  return new AppError('method_not_allowed', `${what}: the method is not allowed. Use ${allowed.join(' or ')}.`, {
    headers: { allow: allowed.join(', ') },
  });
}
