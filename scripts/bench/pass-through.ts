import http from 'node:http';
import { Pool } from 'undici';
import { announce } from './announce';

/** The bare rival: passes a request on and its answer back, and does nothing else. */

const upstream = new Pool(process.argv[3] ?? '', { connections: null, pipelining: 1, keepAliveTimeout: 30_000 });

const server = http.createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  const { host, connection, ...headers } = request.headers;
  upstream
    .request({ method: 'POST', path: request.url ?? '/', headers, body: request })
    .then((answer) => {
      const { connection, 'keep-alive': keepAlive, 'transfer-encoding': encoding, ...kept } = answer.headers;
      response.writeHead(answer.statusCode, kept);
      answer.body.pipe(response);
    })
    .catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
});
announce(server);
