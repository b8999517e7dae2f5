import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import next from 'next';
import { clientAddress } from '@/lib/domain/client-address';
import { normaliseGatewayPath } from '@/lib/domain/gateway-path';
import { originForm } from '@/lib/domain/request-target';
import { gatewayDoor } from '@/lib/http/gateway-door';
import { env } from '@/lib/platform/env';
import { log } from '@/lib/platform/log';
import { drain } from '@/lib/services/gateway/drain';

/** Thousands of streams may open in the same second; Node's own 511 drops connections then. */
const LISTEN_BACKLOG = 4096;
/** Longer than the idle time of common load balancers (60 s), so that they close a connection and never we under them. */
const KEEP_ALIVE_MS = 65_000;
/** How often Node looks for clients that are too slow, at the most; it adds to their time-outs. */
const SLOW_CLIENTS_CHECK_MS = 30_000;
/** The methods that Next's routes know; it fails on others. */
const SITE_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const FLUSH_MS = 2_000;
const FLUSH_CHECK_MS = 25;

let stopping = false;

// Next takes the upgrades of its server. None of our paths upgrades, and a request that only offers to (as Java's client
// does, for HTTP/2) is to be answered like any other: so Next is given a server that nobody connects to.
const site = next({ dev: false, hostname: env().HOST, port: env().PORT, httpServer: http.createServer() });
await site.prepare();
const handle = site.getRequestHandler();
const { CLIENT_HEADERS_TIMEOUT_MS: headersTimeout, CLIENT_REQUEST_TIMEOUT_MS: requestTimeout } = env();
const connectionsCheckingInterval = Math.min(SLOW_CLIENTS_CHECK_MS, headersTimeout, requestTimeout);
const server = http.createServer(
  { keepAliveTimeout: KEEP_ALIVE_MS, headersTimeout, requestTimeout, connectionsCheckingInterval },
  answer,
);
// Without a listener Node asks for every body at once, also where the key is bad.
server.on('checkContinue', answer);
server.on('error', refuseToStart);
server.listen({ port: env().PORT, host: env().HOST, backlog: LISTEN_BACKLOG }, () => {
  log.info({ host: env().HOST, port: env().PORT }, 'the web server listens');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());

function answer(request: IncomingMessage, response: ServerResponse): void {
  const target = originForm(request.url ?? '/');
  if (target === undefined) return refuse(response, 400);
  request.url = normaliseGatewayPath(target);
  const forwardedFor = request.headers['x-forwarded-for'];
  request.headers['x-forwarded-for'] = clientAddress(
    request.socket.remoteAddress ?? '',
    typeof forwardedFor === 'string' ? forwardedFor : forwardedFor?.join(','),
    env().TRUSTED_PROXIES,
  );
  if (stopping) response.shouldKeepAlive = false;
  if (env().GATEWAY_DOOR === 'node' && gatewayDoor(request, response)) return;
  if (!SITE_METHODS.includes(request.method ?? '')) return refuse(response, 405, { allow: SITE_METHODS.join(', ') });
  if (request.headers.expect !== undefined) response.writeContinue();
  handle(request, response).catch((error: unknown) => {
    log.error({ err: error }, 'a request was not answered');
    response.destroy();
  });
}

/** What HTTP allows and nothing here has an answer for. */
function refuse(response: ServerResponse, status: 400 | 405, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...headers, 'content-length': '0' }).end();
}

/** Takes no more connections, lets running requests come to their ending, then leaves. A second signal changes nothing. */
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  server.close();
  await drain(env().DRAIN_TIMEOUT_MS);
  await flushed();
  server.closeAllConnections();
  process.exit(0);
}

/** Answers that have ended may still be on their way to the socket: their connections close as they fall idle. */
async function flushed(): Promise<void> {
  for (let waitedMs = 0; waitedMs < FLUSH_MS; waitedMs += FLUSH_CHECK_MS) {
    server.closeIdleConnections();
    const open = await new Promise<number>((resolve) => {
      server.getConnections((error, count) => {
        resolve(error ? 0 : count);
      });
    });
    if (open === 0) return;
    await sleep(FLUSH_CHECK_MS);
  }
}

function refuseToStart(error: NodeJS.ErrnoException): void {
  const where = `${env().HOST}:${String(env().PORT)}`;
  console.error(
    error.code === 'EADDRINUSE'
      ? `${where} is in use by another program. Stop that one, or choose another port: PORT=3001 npm start`
      : `The web server can't listen on ${where}: ${error.message}`,
  );
  process.exit(1);
}
