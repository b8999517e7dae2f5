import path from 'node:path';
import { prepareDemo, type SavedDemo } from '@/lib/services/accounts/prepare-demo';
import { readPrivateJson, writePrivateJson } from './private-file';
import { DATA_FOLDER } from './running';

// Started by scripts/demo-key.ts, under the configuration of the product. Keeps the key, which the database can't give
// back, so that every start shows the same one for as long as it works.
const file = path.join(DATA_FOLDER, 'demo.json');
const saved = readPrivateJson(file) as SavedDemo | undefined;
const { accountId, key, balanceNano } = await prepareDemo(saved ?? null);
writePrivateJson(file, { accountId, key } satisfies SavedDemo);
process.stdout.write(`${JSON.stringify({ key, balanceNano: String(balanceNano) })}\n`, () => process.exit(0));
