import http from 'node:http';
import type { RawAnswer } from './malformed-answers';
import type { MalformedBody } from './malformed-bodies';

/**
 * Posts a body by Node's own client over a connection that is kept: one refusal must not spoil the next request. Rejects
 * when the connection breaks.
 */
export function sendKept(agent: http.Agent, url: string, key: string, body: MalformedBody): Promise<RawAnswer> {
  const { bytes } = body;
  const headers = { ...Object.fromEntries(body.headers ?? []), 'x-api-key': key, 'content-length': bytes.length };
  return new Promise((resolve, reject) => {
    const request = http.request(`${url}/v1/messages`, { method: 'POST', agent, headers });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const values = Object.entries(response.headers).map(([name, value]): [string, string] => [name, String(value)]);
        const answer = { status: response.statusCode ?? 0, headers: new Map(values), body: Buffer.concat(chunks) };
        resolve({ ...answer, whole: response.complete });
      });
    });
    request.end(bytes);
  });
}
