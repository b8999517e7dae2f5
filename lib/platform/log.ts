import { pino, type Logger } from 'pino';
import { logLevel } from './env';
import { once } from './once';

const SECRETS = /sk-sr-v1-[0-9A-Za-z]{4,}|sk-ant-[0-9A-Za-z_-]{4,}|\d{8,}:[\w-]{35}/g;

/**
 * The one log: JSON lines on standard output. Requests are logged by id, never by content; as a last net every line is
 * swept for whatever looks like a key.
 */
export const log: Logger = once('log', () =>
  pino(
    {
      level: logLevel(),
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'authorization',
          '*.authorization',
          '*["x-api-key"]',
          'cookie',
          '*.cookie',
          '*.apiKey',
          '*.key',
          '*.body',
        ],
        censor: '[redacted]',
      },
      serializers: { err: describeError },
    },
    { write: (line) => void process.stdout.write(line.replace(SECRETS, '[redacted]')) },
  ),
);

/** An error as the log may know it: name, code, message and stack, but none of the values that libraries hang onto it. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: 'a value that is no Error was thrown' };
  const code = 'code' in error ? error.code : undefined;
  const cause = error.cause instanceof Error ? describeError(error.cause) : undefined;
  return { name: error.name, code, message: error.message, stack: error.stack, ...(cause ? { cause } : {}) };
}
