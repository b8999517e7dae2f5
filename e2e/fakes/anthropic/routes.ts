import { answerFault } from './answer-fault';
import { ApiError } from './api-error';
import { authenticate, dialectOf } from './authenticate';
import { writeJson, type Exchange } from './exchange';
import type { Fault } from './fault';
import { countTokensRoute, messagesRoute } from './messages-route';
import { findModel, listModels, modelInfo } from './models';
import type { State } from './state';

type Route = (state: State, exchange: Exchange, queued: Fault) => Promise<void>;

const MODEL_PATH = /^\/v1\/models\/([^/]+)$/;

const ROUTES: Record<string, Record<string, Route>> = {
  '/v1/messages': { POST: messagesRoute },
  '/v1/messages/count_tokens': { POST: countTokensRoute },
  '/v1/models': { GET: modelsRoute },
};

/** Answers one request to the API itself; throws an ApiError for what the API refuses. */
export async function apiRoute(state: State, exchange: Exchange): Promise<void> {
  const { pathname } = exchange.url;
  const method = exchange.request.method ?? 'GET';
  const methods = ROUTES[pathname] ?? (MODEL_PATH.test(pathname) ? { GET: modelRoute } : undefined);
  if (methods === undefined) throw new ApiError(404, 'not_found_error', `Not found: ${method} ${pathname}`);
  const route = methods[method];
  if (route === undefined) {
    throw new ApiError(405, 'invalid_request_error', 'Method Not Allowed', {
      headers: { allow: Object.keys(methods).join(', ') },
    });
  }
  const queued = state.faults.take(pathname) ?? {};
  if (isWholeAnswer(queued) && (await answerFault(exchange, queued))) return;
  await route(state, exchange, queued);
}

/** Faults that stand in for the answer come before anything is looked at, as an edge in front of the API would give them. */
function isWholeAnswer(fault: Fault): boolean {
  const breaksStream = fault.errorEventAfterEvents !== undefined;
  const instead = [fault.rawBody, fault.redirect, fault.dropConnection, fault.stallBeforeHeaders];
  return instead.some((field) => field !== undefined) || (fault.status !== undefined && !breaksStream);
}

async function modelsRoute(state: State, exchange: Exchange, queued: Fault): Promise<void> {
  authenticate(exchange.request.headers, state.apiKey);
  dialectOf(exchange.request.headers);
  if (await answerFault(exchange, queued)) return;
  writeJson(exchange, 200, listModels(exchange.url.searchParams));
}

async function modelRoute(state: State, exchange: Exchange, queued: Fault): Promise<void> {
  authenticate(exchange.request.headers, state.apiKey);
  dialectOf(exchange.request.headers);
  if (await answerFault(exchange, queued)) return;
  const id = MODEL_PATH.exec(exchange.url.pathname)?.[1] ?? '';
  writeJson(exchange, 200, modelInfo(findModel(decodeURIComponent(id))));
}
