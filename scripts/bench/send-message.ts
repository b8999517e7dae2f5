import http, { type Agent, type IncomingMessage } from 'node:http';
import { answerBytes, requestBody, type Prompt } from './answer';
import type { Subject } from './subject';

const TIMEOUT_MS = 60_000;

export interface Sending {
  subject: Subject;
  agent: Agent;
  prompt: Prompt;
  onChunk?: (chunk: Buffer) => void;
}

const bodies = new Map<Prompt, Buffer>();
const lengths = new Map<Prompt, number | undefined>();

/**
 * Sends one message and reads its answer to the end. Gives the time to the answer's first byte, in milliseconds.
 * Throws for whatever is not the whole answer: a bench that counts failures as requests lies.
 */
export function sendMessage({ subject, agent, prompt, onChunk }: Sending): Promise<number> {
  const body = cached(bodies, prompt, requestBody);
  return new Promise((resolve, reject) => {
    const startedAtMs = performance.now();
    const request = http.request({
      ...{ host: '127.0.0.1', port: subject.port, method: 'POST', path: '/v1/messages', agent, timeout: TIMEOUT_MS },
      headers: {
        'x-api-key': subject.apiKey,
        'anthropic-version': '2023-06-01',
        'content-type': 'application/json',
        'content-length': body.length,
      },
    });
    request.on('timeout', () => request.destroy(new Error(`${subject.name} was silent for a minute`)));
    request.on('error', reject);
    request.on('response', (response) => {
      let firstByteMs: number | undefined;
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        firstByteMs ??= performance.now() - startedAtMs;
        bytes += chunk.length;
        onChunk?.(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const complaint = complaintAbout(response, prompt, bytes);
        if (complaint !== undefined) return reject(new Error(`${subject.name}: ${complaint}`));
        subject.tally.served += 1;
        resolve(firstByteMs ?? 0);
      });
    });
    request.end(body);
  });
}

function complaintAbout(response: IncomingMessage, prompt: Prompt, bytes: number): string | undefined {
  const expected = cached(lengths, prompt, answerBytes);
  if (response.statusCode !== 200) return `answered ${String(response.statusCode)}`;
  if (expected === undefined || bytes === expected) return undefined;
  return `answered ${String(bytes)} bytes instead of ${String(expected)}`;
}

function cached<Value>(cache: Map<Prompt, Value>, prompt: Prompt, make: (prompt: Prompt) => Value): Value {
  const known = cache.get(prompt);
  if (known !== undefined) return known;
  const made = make(prompt);
  cache.set(prompt, made);
  return made;
}
