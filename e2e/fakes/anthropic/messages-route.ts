import { createHash, randomUUID } from 'node:crypto';
import { answerFault, extraHeaders } from './answer-fault';
import { decideAnswer } from './answer';
import { authenticate, dialectOf } from './authenticate';
import { invalidRequest } from './api-error';
import type { Exchange } from './exchange';
import { writeJson } from './exchange';
import { directiveOf, type Fault } from './fault';
import { textOf, type JsonObject } from './json';
import type { Model } from './models';
import { parseBody } from './read-body';
import { answerReply, scenarioReply, type Reply } from './reply';
import { apiHeaders } from './response-headers';
import { deliverReply, type Delivered } from './deliver-reply';
import type { State } from './state';
import type { ThreadTurn } from './threads';
import { countInputTokens, promptSegments } from './tokens';
import { validateConversation, validateFields } from './validate-request';

/** POST /v1/messages: validated, looked up in threads and cache, answered as its directive says. */
export async function messagesRoute(state: State, exchange: Exchange, queued: Fault): Promise<void> {
  const { request, bodyBytes } = exchange;
  const workspace = authenticate(request.headers, state.apiKey);
  const dialect = dialectOf(request.headers);
  const brought = parseBody(bodyBytes, request.headers['content-encoding']);
  const model = validateFields(brought, dialect, 'answer');
  const turn = state.threads.begin(workspace, brought, model, bodyBytes.length);
  try {
    validateConversation(turn.body, model, dialect);
    const fault = { ...directiveOf(turn.body), ...queued };
    if (await answerFault(exchange, fault)) return;
    const reply = replyTo(state, exchange, turn.body, model, workspace, fault);
    await deliver(state, exchange, reply, turn, fault);
  } finally {
    turn.release();
  }
}

/** POST /v1/messages/count_tokens: the same count that the answer's usage would start from. */
export async function countTokensRoute(state: State, exchange: Exchange, queued: Fault): Promise<void> {
  const { request, bodyBytes } = exchange;
  authenticate(request.headers, state.apiKey);
  const dialect = dialectOf(request.headers);
  const body = parseBody(bodyBytes, request.headers['content-encoding']);
  const model = validateFields(body, dialect, 'count');
  validateConversation(body, model, dialect);
  const fault = { ...directiveOf(body), ...queued };
  if (await answerFault(exchange, fault)) return;
  const more = body['context_management'] === undefined ? {} : { context_management: { original_input_tokens: 0 } };
  writeJson(exchange, 200, { input_tokens: countInputTokens(body), ...more });
}

function replyTo(
  state: State,
  exchange: Exchange,
  body: JsonObject,
  model: Model,
  workspace: string,
  fault: Fault,
): Reply {
  const unique = state.uniqueIds || fault.uniqueId === true ? randomUUID() : '';
  const seed = createHash('sha256').update(exchange.bodyBytes).update(unique).digest('hex');
  if (fault.scenario !== undefined) return scenarioReply(fault.scenario, model, seed);
  const segments = promptSegments(body);
  const inputTokens = segments.reduce((sum, segment) => sum + segment.tokens, 0);
  if (inputTokens > model.maxInputTokens) {
    throw invalidRequest(`prompt is too long: ${String(inputTokens)} tokens > ${String(model.maxInputTokens)} maximum`);
  }
  const minTokens = fault.minCacheableTokens ?? state.minCacheableTokens ?? model.minCacheableTokens;
  const cache = state.cache.use(workspace, model.id, segments, minTokens, Date.now());
  return answerReply(decideAnswer({ body, model, fault, seed, inputTokens, cache }), fault);
}

async function deliver(state: State, exchange: Exchange, reply: Reply, turn: ThreadTurn, fault: Fault): Promise<void> {
  const stream = turn.body['stream'] === true;
  const keep = () => turn.commit(reply.messageId, reply.content(), reply.stopReason ?? '');
  const headers = { ...apiHeaders(exchange.requestId, Date.now()), ...streamHeaders(stream), ...extraHeaders(fault) };
  const kind = stream ? 'stream' : 'json';
  state.connections.begin(kind);
  let delivered: Delivered | undefined;
  try {
    delivered = await deliverReply(exchange, reply, { stream, headers, fault, keep });
  } finally {
    state.connections.end(kind, delivered?.cancelled === true);
  }
  state.ledger.record({
    ...delivered,
    requestId: exchange.requestId,
    messageId: reply.messageId,
    model: textOf(turn.body['model']),
    servedModel: reply.servedModel,
    stream,
    stopReason: reply.stopReason,
    startUsage: reply.startUsage,
    finalUsage: reply.finalUsage,
  });
}

function streamHeaders(stream: boolean): Record<string, string> {
  if (!stream) return { 'content-type': 'application/json' };
  return { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
}
