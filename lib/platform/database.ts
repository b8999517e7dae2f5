import pg from 'pg';
import { env } from './env';
import { log } from './log';
import { once } from './once';

/** How long a request waits for a connection before it is told that the database is away. */
const CONNECT_TIMEOUT_MS = 3_000;
/** No statement of ours takes long; one that does must not hold a row of an account for ever. */
const STATEMENT_TIMEOUT_MS = 15_000;
/** A database that answers nothing at all, not even that. */
const QUERY_TIMEOUT_MS = 17_000;

/** The pool of the per-request money path. Prisma, with a pool of its own, serves everything that is not per request. */
export function database(): pg.Pool {
  return once('database', () => {
    const pool = new pg.Pool({
      connectionString: env().DATABASE_URL,
      max: env().DATABASE_POOL_SIZE,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      options: '-c TimeZone=UTC',
      application_name: 'saverouter',
      keepAlive: true,
    });
    pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection was lost'));
    return pool;
  });
}

/** Whether an error says that a row was locked, or a statement ran, for too long: nothing was written. */
export function isDatabaseBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === '55P03' || error.code === '57014');
}

/** Whether an error says that the database was away or busy, rather than that it refused what was asked. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isDatabaseBusy(error)) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  // 57P01..3 shut down and starting, 53300 too many connections, 08* connection faults; the rest are sockets and the pool.
  return (
    /^(57P0\d|53300|08\d{3}|ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/.test(code) ||
    /timeout exceeded|read timeout|Connection terminated|timeout expired/i.test(error.message)
  );
}
