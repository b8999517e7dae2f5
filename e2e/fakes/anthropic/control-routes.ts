import type { ServerResponse } from 'node:http';
import { ApiError, invalidRequest } from './api-error';
import { parseFault } from './fault';
import type { Json } from './json';
import { parseBody } from './read-body';
import { SCENARIO_NAMES } from './scenarios/scenarios';
import type { State } from './state';

/** What tests use to arrange faults and to look at what happened. Answers plain JSON, no API headers. */
export function controlRoute(state: State, method: string, path: string, body: Buffer, response: ServerResponse): void {
  try {
    const value = control(state, `${method} ${path}`, body);
    write(response, 200, value);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'failed';
    write(response, error instanceof ApiError ? error.status : 400, { error: message });
  }
}

function control(state: State, what: string, body: Buffer): unknown {
  switch (what) {
    case 'GET /__control/faults':
      return state.faults.list();
    case 'POST /__control/faults':
      return queueFault(state, body);
    case 'DELETE /__control/faults':
      state.faults.clear();
      return {};
    case 'GET /__control/requests':
      return state.requests.list();
    case 'DELETE /__control/requests':
      state.requests.clear();
      return {};
    case 'GET /__control/ledger':
      return state.ledger.list();
    case 'DELETE /__control/ledger':
      state.ledger.clear();
      return {};
    case 'GET /__control/connections':
      return state.connections.counts();
    case 'GET /__control/scenarios':
      return SCENARIO_NAMES;
    case 'DELETE /__control/memory':
      state.cache.clear();
      state.threads.clear();
      return {};
    default:
      throw new ApiError(404, 'not_found_error', `stand-in: no control called ${what}`);
  }
}

function queueFault(state: State, bytes: Buffer): Json {
  const body = parseBody(bytes, undefined);
  const times = body['times'] ?? 1;
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 1) {
    throw invalidRequest('stand-in: times is a whole number above 0');
  }
  const path = typeof body['path'] === 'string' ? body['path'] : undefined;
  state.faults.add(parseFault(body['fault']), times, path);
  return {};
}

function write(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
