import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { startChild, type Child } from '../child';

const announcementSchema = z.object({ port: z.number().int() });

/** Starts a server of the bench as a process of its own; answers once it listens. Throws when it ends before that. */
export async function startProgram(
  name: string,
  script: URL,
  programArguments: string[],
): Promise<{ child: Child; port: number }> {
  let output = '';
  let onPort: (port: number) => void;
  const announced = new Promise<number>((resolve) => (onPort = resolve));
  const child = startChild({
    name,
    script: fileURLToPath(script),
    scriptArguments: programArguments,
    environment: { NODE_ENV: 'production' },
    onOutput: (text) => {
      output += text;
      const line = output.split('\n').find((candidate) => candidate.startsWith('{"port"'));
      if (line !== undefined) onPort(announcementSchema.parse(JSON.parse(line)).port);
    },
  });
  const failed = child.ended.then((how) => {
    throw new Error(`${name} ended (${how}):\n${output}`);
  });
  failed.catch(() => undefined);
  return { child, port: await Promise.race([announced, failed]) };
}
