import { afterAll, describe, expect, it, vi } from 'vitest';
import { runCli } from '@/e2e/support/run-cli';
import { createTestDatabase } from '@/lib/testing/database';
import { holdRequest, usageRow } from '@/lib/testing/ledger-factory';
import { seed } from '@/prisma/seed';

const testDatabase = await createTestDatabase();
vi.stubEnv('DATABASE_URL', testDatabase.url);
await seed(testDatabase.url);
const { database } = await import('@/lib/platform/database');
const { placeHold, settle } = await import('@/lib/platform/ledger-store');

afterAll(async () => {
  await database().end();
  await testDatabase.drop();
});

describe('the command line', { timeout: 60_000 }, () => {
  it('takes an operator from an account to its verified requests, with JSON alone on standard output', async () => {
    const { id: accountId } = await json<{ id: string }>(
      'account',
      'create',
      '--name',
      'Ann',
      '--credit',
      '2.5',
      '--json',
    );
    const { id: keyId, key } = await json<Record<string, string>>(
      'key',
      'create',
      accountId,
      '--limit',
      '1',
      '--period',
      'day',
      '--json',
    );
    expect(key).toMatch(/^sk-sr-v1-[0-9A-Za-z]{49}$/);
    const request = holdRequest({ accountId, keyId: keyId ?? '' }, 5_000n);
    expect(await placeHold(request)).toMatchObject({ outcome: 'held' });
    expect(await json('account', 'show', accountId, '--json')).toMatchObject({
      id: accountId,
      balanceNano: '2500000000',
      heldNano: '5000',
      availableNano: '2499995000',
    });
    await settle(usageRow(request, 4_321n), null);
    expect(await json('usage', 'list', accountId, '--json', '--receipt')).toMatchObject([
      {
        requestId: request.requestId,
        createdAt: request.createdAt.toISOString(),
        model: 'claude-haiku-4-5',
        servedModel: 'claude-haiku-4-5',
        ...{
          inputTokens: 10,
          outputTokens: 20,
          cacheWrite5mTokens: 3,
          cacheWrite1hTokens: 4,
          cacheReadTokens: 5,
        },
        ...{ amountNano: '4321', shortfallNano: '0', holdNano: '5000', ending: 'finished', settledFrom: 'usage' },
        receipt: [{ quantity: 4321 }],
      },
    ]);
    expect(await json('ledger', 'verify', '--json')).toMatchObject({
      ok: true,
      usageRows: 1,
      revenueNano: '4321',
      differences: [],
    });
    const listed = await run('--json', 'key', 'list', accountId);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ id: keyId, spentNano: '4321' }]);
    expect(listed.stdout).not.toContain(key);
  });

  it('shows people tables, and nothing on standard error', async () => {
    const { code, stdout, stderr } = await run('model', 'list');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^claude-opus-4-8 +Claude Opus 4\.8 +\$5\.00 +\$25\.00 +\$6\.25 +\$10\.00 +\$0\.50/m);
  });

  it('exits with 1 when the ledger does not add up', async () => {
    const { id } = await json<{ id: string }>('account', 'create', '--json');
    await database().query('UPDATE accounts SET credits_posted = 1 WHERE id = $1', [id]);
    const { code, stdout, stderr } = await run('ledger', 'verify', '--account', id, '--json');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, differences: [{ check: 'account_totals', subject: id }] });
  });

  it('refuses in one line on standard error, as JSON when asked, with 1 for a no and 2 for a line it does not understand', async () => {
    const cases: [number, RegExp, string[]][] = [
      [1, /no account acc_x/, ['account', 'show', 'acc_x']],
      [2, /abc/, ['account', 'credit', 'acc_x', 'abc', '--reason', 'gift']],
      [2, /more than zero/, ['account', 'credit', 'acc_x', '0', '--reason', 'gift']],
      [2, /unknown command/, ['account', 'frobnicate']],
      [2, /30d/, ['key', 'create', 'acc_x', '--expires', 'soon']],
    ];
    await Promise.all(
      cases.map(async ([code, message, words]) => {
        const plain = await run(...words);
        expect({ words, code: plain.code, stdout: plain.stdout }).toEqual({ words, code, stdout: '' });
        expect(plain.stderr).toMatch(message);
        expect(plain.stderr).toMatch(/^error: [^\n]+\n$/);
      }),
    );
    const { code, stdout, stderr } = await run('account', 'show', 'acc_x', '--json');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({
      error: { kind: 'not_found', message: expect.stringMatching(/acc_x/) as string },
    });
  });

  it('says how to get a database when none answers', async () => {
    const { code, stderr } = await runCli(['model', 'list'], { DATABASE_URL: 'postgresql://a:secret@127.0.0.1:1/x' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/127\.0\.0\.1:1 does not answer.*npm start/);
    expect(stderr).not.toContain('secret');
  });
});

function run(...words: string[]) {
  return runCli(words, { DATABASE_URL: testDatabase.url });
}

async function json<T>(...words: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...words);
  expect({ words, code, stderr }).toEqual({ words, code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}
