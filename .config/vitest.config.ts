import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const neverTests = ['**/node_modules/**', '.next/**', '.data/**'];

/** What the env needs to parse in a test. The service tests make their own database and say its address themselves. */
const env = {
  APP_ENV: 'test',
  LOG_LEVEL: 'silent',
  DATABASE_URL: 'postgresql://nobody:nothing@127.0.0.1:1/none',
  ANTHROPIC_API_KEY: 'an-upstream-key-of-the-tests',
  KEY_PEPPER: '5a'.repeat(32),
};

/**
 * `unit` needs nothing running and takes seconds. `service` starts one real PostgreSQL for the whole run; every test
 * file copies its own database from a migrated template (lib/testing/database.ts).
 */
export default defineConfig({
  root,
  resolve: { alias: { '@': root.replace(/\/$/, '') } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts', '**/*.test.tsx'],
          exclude: [...neverTests, '**/*.service.test.ts'],
          setupFiles: ['lib/testing/console-guard.ts'],
          env,
        },
      },
      {
        extends: true,
        test: {
          name: 'service',
          include: ['**/*.service.test.ts'],
          exclude: neverTests,
          setupFiles: ['lib/testing/console-guard.ts'],
          globalSetup: ['lib/testing/postgres-for-tests.ts'],
          env,
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
