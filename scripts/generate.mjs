import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Generates the Prisma client from prisma/schema.prisma when the schema is newer than the client. It runs after every
 * install, so it must do nothing, quietly, where there is nothing to do. No download: the client needs no engine, but
 * the command line insists on an engine file being there, so it is shown one that it will not run.
 */
const root = path.resolve(import.meta.dirname, '..');
const schema = path.join(root, 'prisma', 'schema.prisma');
const client = path.join(root, 'lib', 'platform', 'prisma-client');
const entry = path.join(client, 'client.ts');
const prisma = path.join(root, 'node_modules', 'prisma', 'build', 'index.js');

const modifiedMs = (file) => (fs.existsSync(file) ? fs.statSync(file).mtimeMs : 0);
const newestInput = Math.max(modifiedMs(schema), modifiedMs(path.join(root, 'node_modules', 'prisma', 'package.json')));

if (fs.existsSync(schema) && fs.existsSync(prisma) && newestInput > modifiedMs(entry)) generate();

function generate() {
  const { status, stdout, stderr } = spawnSync(process.execPath, [prisma, 'generate', '--no-hints'], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
  if (status !== 0) {
    console.error(`The Prisma client could not be generated:\n${stdout}${stderr}`);
    process.exit(1);
  }
  // Prisma leaves files alone that would not change; the time of the entry says when we last looked.
  const now = new Date();
  fs.utimesSync(entry, now, now);
}
