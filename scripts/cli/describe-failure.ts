import { AppError } from '@/lib/domain/app-error';
import { CommandError } from './command-error';

/** Why a command failed: `usage` when it was not understood, else the kind of refusal. */
export type Failure = { kind: string; message: string };

const DATABASE_AWAY =
  /P1001|P1002|P1008|P1017|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|57P03|DatabaseNotReachable/;
const DATABASE_REFUSES = /P1000|28P01|28000|AuthenticationFailed/;
const DATABASE_MISSING = /P1003|3D000|DatabaseDoesNotExist/;
const TABLES_MISSING = /P2021|P2022|42P01|42883/;

/** Puts any error into one line that says what to do. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof AppError) return { kind: error.kind, message: oneLine(error.message) };
  if (error instanceof CommandError) return { kind: 'refused', message: error.message };
  if (isValidationError(error)) return { kind: 'usage', message: describeIssues(error.issues) };
  const trace = traceOf(error);
  if (DATABASE_AWAY.test(trace)) {
    return {
      kind: 'unavailable',
      message: `The database at ${databaseHost()} does not answer. Start it (the built-in one with \`npm start\`), or correct DATABASE_URL.`,
    };
  }
  if (DATABASE_REFUSES.test(trace)) {
    return {
      kind: 'refused',
      message: `The database at ${databaseHost()} refuses the user or password. Correct DATABASE_URL.`,
    };
  }
  if (DATABASE_MISSING.test(trace) || TABLES_MISSING.test(trace)) {
    return {
      kind: 'refused',
      message: 'The database has no tables, or old ones. Bring it up to date with `npm run migrate`.',
    };
  }
  return { kind: 'internal', message: oneLine(error instanceof Error ? error.message : String(error)) };
}

type Issue = { path: PropertyKey[]; message: string };

/** Told by its shape, so that a command which parses nothing need not load zod. */
function isValidationError(error: unknown): error is Error & { issues: Issue[] } {
  return error instanceof Error && error.name === 'ZodError' && 'issues' in error && Array.isArray(error.issues);
}

function describeIssues(issues: Issue[]): string {
  return issues
    .map(({ path, message }) => [path.join('.'), message].filter((part) => part !== '').join(': '))
    .join('; ');
}

/** What an error and its causes say of themselves: Prisma puts the driver's code into one of several places. */
function traceOf(error: unknown): string {
  const parts: string[] = [];
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth += 1) {
    if ('code' in current) parts.push(String(current.code));
    if ('meta' in current) parts.push(JSON.stringify(current.meta));
    parts.push(current.name, current.message);
    current = current.cause;
  }
  return parts.join(' ');
}

function databaseHost(): string {
  return URL.parse(process.env['DATABASE_URL'] ?? '')?.host ?? 'DATABASE_URL';
}

function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}
