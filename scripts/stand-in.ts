import { z } from 'zod';
import { startChild, type Child } from './child';

const START_TIMEOUT_MS = 30_000;

export interface StandIn extends Child {
  url: string;
  /** The credential that it takes for an operator's. */
  apiKey: string;
}

const announcementSchema = z.object({ url: z.url(), apiKey: z.string() });
type Announcement = z.infer<typeof announcementSchema>;

/** Starts the stand-in for Anthropic's API as a process of its own and answers once it listens, on a free port. */
export async function startStandIn(): Promise<StandIn> {
  let output = '';
  let announce: (announcement: Announcement) => void = () => undefined;
  const announced = new Promise<Announcement>((resolve) => {
    announce = resolve;
  });
  const child = startChild({
    name: 'the stand-in upstream',
    script: 'e2e/fakes/anthropic/main.ts',
    scriptArguments: ['--port', '0', '--unique-ids'],
    onOutput: (text) => {
      output += text;
      const line = output.split('\n').find((text) => text.startsWith('{"url"'));
      if (line !== undefined && output.includes('\n')) announce(announcementSchema.parse(JSON.parse(line)));
    },
  });
  const failed = child.ended.then((how) => {
    throw new Error(`The stand-in upstream did not start (${how}):\n${output}`);
  });
  failed.catch(() => undefined);
  const timedOut = new Promise<never>((_, reject) => {
    setTimeout(() => {
      reject(new Error(`The stand-in upstream said nothing for ${String(START_TIMEOUT_MS / 1000)} s.`));
    }, START_TIMEOUT_MS).unref();
  });
  timedOut.catch(() => undefined);
  return { ...child, ...(await Promise.race([announced, failed, timedOut])) };
}
