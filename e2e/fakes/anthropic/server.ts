import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { ClientLeft } from './body-sink';
import { fakeAnthropicControl, type FakeAnthropicControl } from './control';
import { controlRoute } from './control-routes';
import { writeError, type Exchange } from './exchange';
import { newRequestId } from './ids';
import { readBody } from './read-body';
import { apiRoute } from './routes';
import { newState, type State } from './state';

const DEFAULT_API_KEY = 'sk-ant-stand-in';

const HOST = '127.0.0.1';
const BACKLOG = 4096;
const KEEP_ALIVE_MS = 65_000;

interface FakeAnthropicOptions {
  /** 0, which is the default, takes a free one. */
  port?: number;
  /** Also accepted with a dash and anything behind it: each such key is a workspace with its own cache and threads. */
  apiKey?: string;
  /** Gives every answer an id of its own. By default equal bodies are answered by equal bytes, ids included. */
  uniqueIds?: boolean;
  /** Below what prompt length nothing is cached; by default each model's own figure. */
  minCacheableTokens?: number;
}

export interface FakeAnthropic {
  url: string;
  port: number;
  apiKey: string;
  control: FakeAnthropicControl;
  close(): Promise<void>;
}

/** Starts a stand-in of the Anthropic API on the loopback interface. */
export async function startFakeAnthropic(options: FakeAnthropicOptions = {}): Promise<FakeAnthropic> {
  const apiKey = options.apiKey ?? DEFAULT_API_KEY;
  const state = newState(apiKey, options.uniqueIds === true, options.minCacheableTokens);
  const server = createServer({ requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS });
  server.on('connection', (socket) => {
    state.connections.accept(socket);
  });
  server.on('request', (request, response) => void handle(state, request, response));
  server.listen({ port: options.port ?? 0, host: HOST, backlog: BACKLOG });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stand-in has no port');
  const url = `http://${HOST}:${String(address.port)}`;
  const close = async () => {
    const closed = once(server, 'close');
    server.close();
    state.connections.destroyAll();
    await closed;
  };
  return { url, port: address.port, apiKey, control: fakeAnthropicControl(url), close };
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const left = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) left.abort();
  });
  const exchange: Exchange = {
    request,
    response,
    requestId: newRequestId(),
    url: new URL(request.url ?? '/', `http://${HOST}`),
    bodyBytes: Buffer.alloc(0),
    left: left.signal,
  };
  try {
    exchange.bodyBytes = await readBody(request);
    await answer(state, exchange);
  } catch (error) {
    if (error instanceof ClientLeft || left.signal.aborted) return;
    if (response.headersSent) response.destroy();
    else writeError(exchange, error);
  }
}

async function answer(state: State, exchange: Exchange): Promise<void> {
  const { request, response, bodyBytes, url } = exchange;
  const method = request.method ?? 'GET';
  if (url.pathname.startsWith('/__control/')) {
    controlRoute(state, method, url.pathname, bodyBytes, response);
    return;
  }
  state.requests.record(method, request.url ?? '/', request.rawHeaders, bodyBytes);
  state.connections.beginRequest();
  try {
    await apiRoute(state, exchange);
  } finally {
    state.connections.endRequest(exchange.left.aborted && !response.headersSent);
  }
}
