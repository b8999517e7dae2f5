import type { Command } from 'commander';
import { formatUsd } from '@/lib/domain/money';
import type { AccountView } from '@/lib/services/accounts/get-account';
import { bigNumber, usd } from './arguments';
import { answer, facts, shortDate } from './output';
import { addRateLimitOptions, rateLimitsOf, type RateLimitOptions } from './rate-limit-options';
import { withDatabase } from './with-database';

export function addAccountCommands(account: Command): void {
  account
    .command('create')
    .description('make an account; prints its id')
    .option('--name <name>', 'whose it is')
    .option('--telegram-id <id>', 'the Telegram user it belongs to', bigNumber)
    .option('--credit <usd>', 'what it starts with, in dollars', usd)
    .action(create);
  account.command('show <account>').description('an account and its balance').action(show);
  account
    .command('credit')
    .description('credit an account')
    .argument('<account>')
    .argument('<usd>', 'how much, in dollars', usd)
    .requiredOption('--reason <text>', 'why, for whoever audits this later')
    .option('--idempotency-key <key>', 'credits once, however often it is sent')
    .action(credit);
  const updating = account
    .command('update <account>')
    .description('change what all keys of an account may use together; what is left out stays')
    .action(update);
  addRateLimitOptions(updating);
}

async function create(
  options: { name?: string; telegramId?: bigint; credit?: bigint },
  command: Command,
): Promise<void> {
  const created = await withDatabase(async () => {
    const { createAccountSchema } = await import('@/lib/contracts/account');
    const { createAccount } = await import('@/lib/services/accounts/create-account');
    const { name, telegramId, credit: creditNano } = options;
    return createAccount(createAccountSchema.parse({ name, telegramId, creditNano }));
  });
  answer(command, created, ({ id }) => id);
}

async function show(accountId: string, _: unknown, command: Command): Promise<void> {
  const account = await withDatabase(async () => {
    const { getAccount } = await import('@/lib/services/accounts/get-account');
    return getAccount(accountId);
  });
  answer(command, account, renderAccount);
}

async function credit(
  accountId: string,
  amountNano: bigint,
  options: { reason: string; idempotencyKey?: string },
  command: Command,
): Promise<void> {
  const credited = await withDatabase(async () => {
    const { creditAccountSchema } = await import('@/lib/contracts/account');
    const { creditAccount } = await import('@/lib/services/accounts/credit-account');
    const { outcome, account } = await creditAccount(creditAccountSchema.parse({ accountId, amountNano, ...options }));
    return { outcome, amountNano, ...account };
  });
  answer(command, credited, (account) =>
    [
      account.outcome === 'credited'
        ? `Credited $${formatUsd(amountNano)}.`
        : 'Credited before under this idempotency key; nothing was added.',
      renderAccount(account),
    ].join('\n'),
  );
}

async function update(accountId: string, options: RateLimitOptions, command: Command): Promise<void> {
  const updated = await withDatabase(async () => {
    const { updateAccountSchema } = await import('@/lib/contracts/account');
    const { updateAccount } = await import('@/lib/services/accounts/update-account');
    return updateAccount(accountId, updateAccountSchema.parse(rateLimitsOf(options)));
  });
  answer(command, updated, ({ id }) => `Changed ${id}.`);
}

function renderAccount(account: AccountView): string {
  return facts([
    ['account', account.id],
    ['name', account.name || '-'],
    ['created', shortDate(account.createdAt) ?? '-'],
    ...(account.telegramId === null ? [] : [['telegram', account.telegramId.toString()] as const]),
    ...(account.suspendedAt === null ? [] : [['suspended', shortDate(account.suspendedAt) ?? '-'] as const]),
    ['balance', `$${formatUsd(account.balanceNano)}`],
    ['held', `$${formatUsd(account.heldNano)}`],
    ['available', `$${formatUsd(account.availableNano)}`],
  ]);
}
