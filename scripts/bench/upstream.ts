import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import {
  closingEvents,
  delta,
  flatOutEvents,
  HELD_INTERVAL_MS,
  jsonAnswer,
  openingEvents,
  PACED_DELTAS,
  PACED_INTERVAL_MS,
  stampNow,
  type Prompt,
} from './answer';
import { announce } from './announce';

/** The lean upstream: as little work as answering can be, so that what is measured is what stands before it. */

const heldStreams = new Set<() => void>();
let answered = 0;

const server = http.createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  if (request.url === '/release') release(response);
  else if (request.url === '/answered') response.end(String(answered));
  else readPrompt(request, (prompt) => answer(prompt, response));
});
announce(server);

function readPrompt(request: IncomingMessage, onPrompt: (prompt: Prompt) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { messages: { content: Prompt }[] };
    onPrompt(body.messages[0]?.content ?? 'json');
  });
}

function answer(prompt: Prompt, response: ServerResponse): void {
  answered += 1;
  const requestId = `req_bench_${String(answered)}`;
  if (prompt === 'json') {
    const headers = {
      'content-type': 'application/json',
      'content-length': jsonAnswer.length,
      'request-id': requestId,
    };
    response.writeHead(200, headers).end(jsonAnswer);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': requestId });
  if (prompt === 'flat-out') {
    for (const event of flatOutEvents) response.write(event);
    response.end();
  } else if (prompt === 'paced') {
    pace(response, PACED_INTERVAL_MS, PACED_DELTAS);
  } else {
    const end = pace(response, HELD_INTERVAL_MS, Infinity);
    heldStreams.add(end);
    response.on('close', () => heldStreams.delete(end));
  }
}

/** Writes a stamped delta at once and at every interval, then the end. Gives what brings the end at once. */
function pace(response: ServerResponse, intervalMs: number, deltas: number): () => void {
  let left = deltas;
  const end = (): void => {
    clearInterval(timer);
    for (const event of closingEvents(stampNow())) response.write(event);
    response.end();
  };
  const step = (): void => {
    if (left === 0) return end();
    left -= 1;
    response.write(delta(`${stampNow()} and a few words `));
  };
  for (const event of openingEvents()) response.write(event);
  const timer = setInterval(step, intervalMs);
  step();
  response.on('close', () => clearInterval(timer));
  return end;
}

function release(response: ServerResponse): void {
  for (const end of heldStreams) end();
  response.end();
}
