import fs from 'node:fs';
import { buildIfNeeded } from '@/scripts/prepare.mjs';
import { publishStack } from './shared-stack';
import { startStack } from './start-stack';

/** Once per run: the build if it is old, the browser, and the stack that all specs share. Gives back how to end it. */
export default async function setup(): Promise<() => Promise<void>> {
  await buildIfNeeded();
  process.env['E2E_CHROMIUM'] = await chromiumPath();
  const stack = await startStack();
  publishStack(stack);
  return () => stack.stop();
}

/** The system's Chromium where there is one, else the one that an npm package carries. */
async function chromiumPath(): Promise<string> {
  if (fs.existsSync('/usr/bin/chromium')) return '/usr/bin/chromium';
  const { default: chromium } = await import('@sparticuz/chromium');
  return chromium.executablePath();
}
