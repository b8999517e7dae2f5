import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// The first steps use nothing but Node's own modules, because nothing else may be installed yet, and say in one line
// what is missing. The rest is scripts/start.ts.
const NODE_NEEDED = [20, 19];

process.chdir(path.join(path.dirname(fileURLToPath(import.meta.url)), '..'));
try {
  checkNode();
  if (fs.existsSync('.env')) process.loadEnvFile('.env');
  await checkPort();
  const { buildIfNeeded, generateIfNeeded, installIfNeeded } = await import('./prepare.mjs');
  await installIfNeeded();
  await generateIfNeeded();
  await buildIfNeeded();
  // What was built runs as production code; which rules apply to the configuration was decided before.
  process.env['APP_ENV'] ||= process.env['NODE_ENV'] === 'production' ? 'production' : 'local';
  process.env['NODE_ENV'] = 'production';
  const { register } = await import('tsx/esm/api');
  register();
  await import('./start.ts');
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE_NEEDED[0] || (major === NODE_NEEDED[0] && minor >= NODE_NEEDED[1])) return;
  throw new Error(
    `SaveRouter needs Node ${NODE_NEEDED.join('.')} or newer; this is ${process.versions.node}. Get it at https://nodejs.org`,
  );
}

/** Before minutes of building, not after. */
async function checkPort() {
  const port = Number(process.env['PORT'] || 3000);
  const host = process.env['HOST'] || '127.0.0.1';
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error('PORT must be a number from 0 to 65535.');
  const error = await tryToListen(port, host);
  if (error === undefined) return;
  if (error.code !== 'EADDRINUSE') throw new Error(`SaveRouter can't listen on ${host}:${port}: ${error.message}`);
  throw new Error(
    `Port ${port} is in use by another program. Stop that one, or choose another port: PORT=${port + 1} npm start`,
  );
}

function tryToListen(port, host) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', resolve);
    server.listen({ port, host }, () => server.close(() => resolve(undefined)));
  });
}
