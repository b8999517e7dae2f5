import { Option, type Command } from 'commander';
import { formatUsd } from '@/lib/domain/money';
import type { KeyView } from '@/lib/services/keys/list-keys';
import { date, dateOrNone, modelNames, noneAsNull, usd, usdOrNone, type OrNone } from './arguments';
import { answer, shortDate, table } from './output';
import { addRateLimitOptions, rateLimitsOf, type RateLimitOptions } from './rate-limit-options';
import { withDatabase } from './with-database';

const PERIODS = ['total', 'day', 'week', 'month'];

export function addKeyCommands(key: Command): void {
  const creating = key
    .command('create <account>')
    .description('make a key; this is the only time it is shown')
    .option('--name <name>', 'what it is for')
    .option('--limit <usd>', 'the most it may spend, in dollars', usd)
    .addOption(periodOption())
    .option('--expires <date>', 'until when it works: 2027-01-31, or 30d from now', date)
    .option('--models <list>', 'the only models it may use: a,b', modelNames)
    .action(create);
  addRateLimitOptions(creating);
  key.command('list <account>').description('the keys of an account').action(list);
  const updating = key
    .command('update <key>')
    .description('change a key; what is left out stays')
    .option('--name <name>', 'what it is for')
    .option('--limit <usd>', 'the most it may spend, in dollars, or none', usdOrNone)
    .addOption(periodOption())
    .option('--expires <date>', 'until when it works, or none', dateOrNone)
    .option('--models <list>', 'the only models it may use: a,b, or all', modelNames)
    .action(update);
  addRateLimitOptions(updating);
  key.command('disable <key>').description('stop a key until it is enabled again').action(disable);
  key.command('enable <key>').description('let a disabled key work again').action(enable);
  key.command('revoke <key>').description('end a key for good').action(revoke);
}

type CreateOptions = RateLimitOptions & {
  name?: string;
  limit?: bigint;
  period?: string;
  expires?: Date;
  models?: string[];
};

async function create(accountId: string, options: CreateOptions, command: Command): Promise<void> {
  const work = async () => {
    const { createKeySchema } = await import('@/lib/contracts/key');
    const { createKey } = await import('@/lib/services/keys/create-key');
    return createKey(createKeySchema.parse({ accountId, ...keyFields(options) }));
  };
  const created = await withDatabase(work, { hashesKeys: true });
  answer(command, created, ({ id, key }) => `${key}\nKeep it: it is not shown again. Its id is ${id}.`);
}

async function list(accountId: string, _: unknown, command: Command): Promise<void> {
  const keys = await withDatabase(async () => {
    const { listKeys } = await import('@/lib/services/keys/list-keys');
    return listKeys(accountId);
  });
  answer(command, keys, renderKeys);
}

type UpdateOptions = RateLimitOptions & {
  name?: string;
  limit?: OrNone<bigint>;
  period?: string;
  expires?: OrNone<Date>;
  models?: string[];
};

async function update(keyId: string, options: UpdateOptions, command: Command): Promise<void> {
  const updated = await withDatabase(async () => {
    const { updateKeySchema } = await import('@/lib/contracts/key');
    const { updateKey } = await import('@/lib/services/keys/update-key');
    return updateKey(keyId, updateKeySchema.parse(keyFields(options)));
  });
  answer(command, updated, ({ id }) => `Changed ${id}.`);
}

async function disable(keyId: string, _: unknown, command: Command): Promise<void> {
  const disabled = await withDatabase(async () => {
    const { disableKey } = await import('@/lib/services/keys/disable-key');
    return disableKey(keyId);
  });
  answer(command, disabled, ({ id }) => `Disabled ${id}.`);
}

async function enable(keyId: string, _: unknown, command: Command): Promise<void> {
  const enabled = await withDatabase(async () => {
    const { enableKey } = await import('@/lib/services/keys/enable-key');
    return enableKey(keyId);
  });
  answer(command, enabled, ({ id }) => `Enabled ${id}.`);
}

async function revoke(keyId: string, _: unknown, command: Command): Promise<void> {
  const revoked = await withDatabase(async () => {
    const { revokeKey } = await import('@/lib/services/keys/revoke-key');
    return revokeKey(keyId);
  });
  answer(command, revoked, ({ id }) => `Revoked ${id} for good.`);
}

function periodOption(): Option {
  return new Option('--period <period>', 'what the limit counts in, in UTC; weeks start on Monday').choices(PERIODS);
}

/** The options under the names that the contracts know; what was not given stays out. */
function keyFields(options: UpdateOptions): Record<string, unknown> {
  const { name, limit, period, expires, models } = options;
  const limits = rateLimitsOf(options);
  return {
    ...limits,
    name,
    limitNano: noneAsNull(limit),
    limitPeriod: period,
    expiresAt: noneAsNull(expires),
    allowedModels: models,
  };
}

function renderKeys(keys: KeyView[]): string {
  if (keys.length === 0) return 'No keys yet: make one with `key create`.';
  return table(
    ['id', 'key', 'name', 'status', 'limit', 'spent', 'expires', 'last used', 'models'],
    keys.map((key) => [
      key.id,
      `${key.prefix}…${key.lastFour}`,
      key.name,
      key.status,
      key.limitNano === null
        ? null
        : `$${formatUsd(key.limitNano)} ${key.limitPeriod === 'total' ? 'in total' : `a ${String(key.limitPeriod)}`}`,
      key.spentNano === null ? null : `$${formatUsd(key.spentNano)}`,
      shortDate(key.expiresAt),
      shortDate(key.lastUsedAt),
      key.allowedModels.join(',') || 'all',
    ]),
  );
}
