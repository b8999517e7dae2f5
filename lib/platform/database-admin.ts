import pg from 'pg';

const ALREADY_EXISTS = '42P04';
/** Two CREATE DATABASE of one name in the same instant: the loser meets the catalog's unique index instead. */
const UNIQUE_VIOLATION = '23505';

/**
 * Opens one plain connection, lends it to `work` and closes it. The session speaks UTC whatever the server's default,
 * because Prisma's adapter reads and writes timestamps as if it did.
 */
export async function withConnection<T>(
  databaseUrl: string,
  work: (client: pg.Client) => Promise<T>,
  connectTimeoutMs = 10_000,
): Promise<T> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    options: '-c TimeZone=UTC',
    connectionTimeoutMillis: connectTimeoutMs,
  });
  // A server that goes away between two statements says so here; the statement itself fails as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The directory that the server behind this address keeps its data in, or undefined when no server answers there. */
export async function dataDirectoryOf(databaseUrl: string): Promise<string | undefined> {
  try {
    return await withConnection(
      databaseUrl,
      async (client) => {
        const answer = await client.query<{ data_directory: string }>('SHOW data_directory');
        return answer.rows[0]?.data_directory;
      },
      2_000,
    );
  } catch {
    return undefined;
  }
}

/** Creates the database that the address names, unless it is there. Safe from several processes at once. */
export async function createDatabaseIfMissing(databaseUrl: string): Promise<void> {
  await withConnection(maintenanceUrl(databaseUrl), async (client) => {
    const name = databaseName(databaseUrl);
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rows.length > 0) return;
    try {
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || ![ALREADY_EXISTS, UNIQUE_VIOLATION].includes(error.code ?? '')) {
        throw error;
      }
    }
  });
}

/** Copies a whole database under a new name, in tens of milliseconds. Nobody may be connected to the template. */
export async function copyDatabase(templateUrl: string, name: string): Promise<string> {
  const template = pg.escapeIdentifier(databaseName(templateUrl));
  await withConnection(maintenanceUrl(templateUrl), (client) =>
    client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE ${template}`),
  );
  return withDatabase(templateUrl, name);
}

/** Drops the database that the address names, and ends whoever is still connected to it. */
export async function dropDatabase(databaseUrl: string): Promise<void> {
  const name = pg.escapeIdentifier(databaseName(databaseUrl));
  await withConnection(maintenanceUrl(databaseUrl), (client) =>
    client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  );
}

function databaseName(databaseUrl: string): string {
  return decodeURIComponent(new URL(databaseUrl).pathname.slice(1)) || 'postgres';
}

function maintenanceUrl(databaseUrl: string): string {
  return withDatabase(databaseUrl, 'postgres');
}

function withDatabase(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.toString();
}
