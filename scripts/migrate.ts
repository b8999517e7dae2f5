import { applyMigrations } from '@/lib/platform/migrate';
import { loadEnvironment } from './load-environment';

loadEnvironment();
const databaseUrl = process.env['DATABASE_URL'] ?? '';

if (databaseUrl === '') {
  console.error('There is no database to migrate: set DATABASE_URL, or start SaveRouter with `npm start` first.');
  process.exitCode = 1;
} else {
  const applied = await applyMigrations(databaseUrl);
  console.log(applied.length === 0 ? 'Nothing to apply.' : applied.map((name) => `applied ${name}`).join('\n'));
}
