import http from 'node:http';
import type { Prompt } from './answer';
import { sendMessage } from './send-message';
import type { Subject } from './subject';

export interface Load {
  prompt: Prompt;
  connections: number;
  /** Whichever comes first ends it; what is under way then is still waited for. */
  durationMs: number;
  requestsMax: number;
}

/** Connections that each send the next message when the last is answered. Gives the times to first byte, in milliseconds. */
export async function sendInLoops(subject: Subject, load: Load): Promise<number[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: load.connections });
  const deadlineMs = performance.now() + load.durationMs;
  const firstBytesMs: number[] = [];
  let begun = 0;
  const loop = async () => {
    while (performance.now() < deadlineMs && begun < load.requestsMax) {
      begun += 1;
      firstBytesMs.push(await sendMessage({ subject, agent, prompt: load.prompt }));
    }
  };
  await Promise.all(Array.from({ length: load.connections }, loop));
  agent.destroy();
  return firstBytesMs;
}
