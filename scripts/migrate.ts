import { applyMigrations } from '@/lib/platform/migrate';
import { seed } from '@/prisma/seed';
import { loadEnvironment } from './load-environment';

// What a database needs before anything runs on it, as `npm start` does it by itself. May run at every start, from
// several machines at once.
loadEnvironment();
const databaseUrl = process.env['DATABASE_URL'] ?? '';

if (databaseUrl === '') {
  console.error('There is no database to migrate: set DATABASE_URL, or start SaveRouter with `npm start` first.');
  process.exitCode = 1;
} else {
  try {
    const applied = await applyMigrations(databaseUrl);
    await seed(databaseUrl);
    console.log(applied.length === 0 ? 'Nothing to apply.' : applied.map((name) => `applied ${name}`).join('\n'));
  } catch (error) {
    console.error(`The database could not be prepared: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
