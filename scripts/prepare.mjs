import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { progress } from './progress.mjs';
import { runQuietly } from './run-quietly.mjs';

/** What the build is made of; whatever else changes needs no new one. */
const BUILD_SOURCES = [
  ...['app', 'components', 'lib', 'public', 'prisma/schema.prisma', 'instrumentation.ts'],
  ...['next.config.mjs', 'postcss.config.mjs', 'tailwind.config.ts', 'tsconfig.json', 'package-lock.json'],
];
const BUILD_STAMP = '.next/built-from';

/** Installs the packages where they are missing or older than the lockfile. */
export async function installIfNeeded() {
  const installed = 'node_modules/.package-lock.json';
  if (modifiedMs(installed) >= modifiedMs('package-lock.json')) return;
  // Also where NODE_ENV says production: the build needs what only developers need at run time.
  await progress('Installing packages (a minute or two, once)', () =>
    runQuietly('npm ci', [npm(), 'ci', '--include=dev', '--no-audit', '--no-fund']),
  );
  fs.utimesSync(installed, new Date(), new Date());
}

/** Generates the database client where the schema is newer. */
export function generateIfNeeded() {
  return runQuietly('Generating the database client', ['scripts/generate.mjs']);
}

/** Builds the site where its sources are others than those of the last build. */
export async function buildIfNeeded() {
  if (read(BUILD_STAMP) === hashOfSources()) return;
  fs.rmSync(BUILD_STAMP, { force: true });
  await progress('Building (a minute, once)', () =>
    runQuietly('next build', ['node_modules/next/dist/bin/next', 'build', '--turbopack'], {
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
    }),
  );
  fs.writeFileSync(BUILD_STAMP, hashOfSources());
}

function hashOfSources() {
  const hash = createHash('sha256').update(process.version);
  for (const source of BUILD_SOURCES)
    for (const file of filesUnder(source)) hash.update(file).update(fs.readFileSync(file));
  return hash.digest('hex');
}

function filesUnder(source) {
  if (!fs.existsSync(source)) return [];
  if (!fs.statSync(source).isDirectory()) return [source];
  return fs
    .readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$|\.md$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** npm's own program: the one that started us, else the one that came with Node. */
function npm() {
  const candidates = [
    process.env['npm_execpath'],
    path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js'),
    path.join(path.dirname(process.execPath), 'node_modules/npm/bin/npm-cli.js'),
  ];
  const found = candidates.find((file) => file !== undefined && /npm-cli\.js$/.test(file) && fs.existsSync(file));
  if (found === undefined) throw new Error('npm was not found. It comes with Node: https://nodejs.org');
  return found;
}

function modifiedMs(file) {
  return fs.existsSync(file) ? fs.statSync(file).mtimeMs : 0;
}

function read(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}
