import { formatUsd } from '@/lib/domain/money';
import type { Env } from '@/lib/platform/env';
import type { DemoKey } from './demo-key';

const EVERYWHERE = ['0.0.0.0', '::', ''];

/** Where this machine reaches the server, whatever its customers call it. */
export function localUrl(host: string, port: number): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${EVERYWHERE.includes(host) ? '127.0.0.1' : name}:${String(port)}`;
}

/** What `npm start` says once everything runs: where, with which key, and a line to paste into another terminal. */
export function welcome(env: Env, hasStandIn: boolean, demo: DemoKey | undefined): string {
  const lines = ['', `SaveRouter runs at ${env.PUBLIC_URL}`, ''];
  if (demo !== undefined) {
    lines.push(
      `Your key, with $${formatUsd(demo.balanceNano)} of credit: ${demo.key}`,
      '',
      'Try it:',
      '',
      curl(env, demo.key),
      '',
    );
  }
  if (hasStandIn) lines.push('The upstream is a stand-in that costs nothing. Set ANTHROPIC_API_KEY for the real one.');
  return [...lines, 'Ctrl-C stops all of it and keeps the data.'].join('\n');
}

/** One line, so that it survives copying. */
function curl(env: Env, key: string): string {
  const body = '{"model":"claude-haiku-4-5","max_tokens":200,"messages":[{"role":"user","content":"Hello!"}]}';
  const headers = [`x-api-key: ${key}`, 'anthropic-version: 2023-06-01', 'content-type: application/json'];
  const flags = headers.map((header) => `-H '${header}'`).join(' ');
  return `curl ${env.PUBLIC_URL}/v1/messages ${flags} -d '${body}'`;
}
