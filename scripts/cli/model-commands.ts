import type { Command } from 'commander';
import { formatUsd } from '@/lib/domain/money';
import type { Price } from '@/lib/domain/price-book';
import type { OfferedModel } from '@/lib/services/models/list-offered';
import { date, noneAsNull, usd, usdPerThousand, wholeNumber, wholeNumberOrNone, type OrNone } from './arguments';
import { answer, facts, shortDate, table } from './output';
import { withDatabase } from './with-database';

export function addModelCommands(model: Command, price: Command): void {
  model.command('list').description('the models that are offered, with the prices in force').action(list);
  price
    .command('set <model>')
    .description(
      'add a price version, in dollars per million tokens; cache prices follow a new input price (1.25, 2 and 0.1 times it) unless named, everything else stays',
    )
    .option('--input <usd>', 'input', usd)
    .option('--output <usd>', 'output, thinking included', usd)
    .option('--cache-write-5m <usd>', 'cache write for 5 minutes', usd)
    .option('--cache-write-1h <usd>', 'cache write for an hour', usd)
    .option('--cache-read <usd>', 'cache read', usd)
    .option('--web-search <usd>', 'web searches, per thousand', usdPerThousand)
    .option('--fast-percent <percent>', 'what fast mode multiplies token prices by, or none', wholeNumberOrNone)
    .option('--us-percent <percent>', 'what inference in the US multiplies them by', wholeNumber)
    .option('--batch-percent <percent>', 'what batches multiply them by', wholeNumber)
    .option('--effective <date>', 'from when it counts: 2027-01-31, or 30d from now (default: now)', date)
    .action(set);
}

async function list(_: unknown, command: Command): Promise<void> {
  const models = await withDatabase(async () => {
    const { listOffered } = await import('@/lib/services/models/list-offered');
    return listOffered();
  });
  answer(command, models, renderModels);
}

type SetOptions = {
  input?: bigint;
  output?: bigint;
  cacheWrite5m?: bigint;
  cacheWrite1h?: bigint;
  cacheRead?: bigint;
  webSearch?: bigint;
  fastPercent?: OrNone<number>;
  usPercent?: number;
  batchPercent?: number;
  effective?: Date;
};

async function set(modelName: string, options: SetOptions, command: Command): Promise<void> {
  const price = await withDatabase(async () => {
    const { setPriceSchema } = await import('@/lib/contracts/price');
    const { setPrice } = await import('@/lib/services/models/set-price');
    const changes = {
      inputNano: options.input,
      outputNano: options.output,
      cacheWrite5mNano: options.cacheWrite5m,
      cacheWrite1hNano: options.cacheWrite1h,
      cacheReadNano: options.cacheRead,
      webSearchNano: options.webSearch,
      fastPercent: noneAsNull(options.fastPercent),
      usPercent: options.usPercent,
      batchPercent: options.batchPercent,
      effectiveFrom: options.effective,
    };
    return setPrice(modelName, setPriceSchema.parse(changes));
  });
  answer(command, price, renderPrice);
}

function renderModels(models: OfferedModel[]): string {
  if (models.length === 0) return 'No model has a price in force.';
  return table(
    ['model', 'name', 'input', 'output', 'write 5m', 'write 1h', 'read', 'since', 'next price'],
    models.map(({ id, displayName, price, nextPrice }) => [
      id,
      displayName,
      ...tokenPrices(price),
      shortDate(price.effectiveFrom),
      shortDate(nextPrice && nextPrice.effectiveFrom),
    ]),
  );
}

function renderPrice(price: Price): string {
  const [input = '', output = '', write5m = '', write1h = '', read = ''] = tokenPrices(price);
  return facts([
    ['model', price.modelId],
    ['from', shortDate(price.effectiveFrom) ?? '-'],
    ['input', input],
    ['output', output],
    ['cache write 5m', write5m],
    ['cache write 1h', write1h],
    ['cache read', read],
    ['1000 web searches', `$${formatUsd(price.webSearchNano / 1000n)}`],
    ['fast mode', price.fastPercent === null ? 'none' : `${String(price.fastPercent)} %`],
    ['in the US', `${String(price.usPercent)} %`],
    ['in batches', `${String(price.batchPercent)} %`],
  ]);
}

function tokenPrices(price: Price): string[] {
  const { inputNano, outputNano, cacheWrite5mNano, cacheWrite1hNano, cacheReadNano } = price;
  return [inputNano, outputNano, cacheWrite5mNano, cacheWrite1hNano, cacheReadNano].map(
    (nano) => `$${formatUsd(nano)}`,
  );
}
