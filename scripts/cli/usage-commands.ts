import type { Command } from 'commander';
import { formatUsd } from '@/lib/domain/money';
import type { UsageView } from '@/lib/services/usage/list-usage';
import { wholeNumber } from './arguments';
import { print, shortDate, table, toJson, wantsJson } from './output';
import { withDatabase } from './with-database';

const PAGE_ROWS = 500;
const TABLE_ROWS = 50;

export function addUsageCommands(usage: Command): void {
  usage
    .command('list <account>')
    .description('the requests of an account, newest first')
    .option('--limit <count>', `how many (default: ${String(TABLE_ROWS)}, all with --json)`, wholeNumber)
    .option('--after <request>', 'go on after this request')
    .option('--receipt', 'with --json: the lines that each charge is the sum of')
    .action(list);
}

type ListOptions = { limit?: number; after?: string; receipt?: boolean };

async function list(accountId: string, options: ListOptions, command: Command): Promise<void> {
  const json = wantsJson(command);
  const limit = options.limit ?? (json ? Infinity : TABLE_ROWS);
  await withDatabase(async () => {
    const pages = readPages(accountId, limit, options);
    if (json) await printJson(pages);
    else await printTable(pages);
  });
}

/** A page at a time, so that an account with millions of requests fits in memory. */
async function* readPages(accountId: string, limit: number, options: ListOptions): AsyncGenerator<UsageView[]> {
  const { listUsageSchema } = await import('@/lib/contracts/usage');
  const { listUsage } = await import('@/lib/services/usage/list-usage');
  let { after } = options;
  let left = limit;
  while (left > 0) {
    const page = { limit: Math.min(left, PAGE_ROWS), after, receipt: options.receipt ?? false };
    const rows = await listUsage(accountId, listUsageSchema.parse(page));
    yield rows;
    left -= rows.length;
    after = rows.at(-1)?.requestId;
    if (rows.length < page.limit) return;
  }
}

/** One JSON array, a row to a line. */
async function printJson(pages: AsyncIterable<UsageView[]>): Promise<void> {
  let before = '[';
  for await (const rows of pages) {
    for (const row of rows) {
      process.stdout.write(`${before}\n${toJson(row)}`);
      before = ',';
    }
    // Whoever reads more slowly than the database answers must not fill our memory.
    if (process.stdout.writableNeedDrain) await new Promise((resolve) => process.stdout.once('drain', resolve));
  }
  print(before === '[' ? '[]' : '\n]');
}

async function printTable(pages: AsyncIterable<UsageView[]>): Promise<void> {
  const lines: (string | null)[][] = [];
  for await (const rows of pages) lines.push(...rows.map(toCells));
  if (lines.length === 0) print('No requests yet.');
  else print(table(['request', 'time (UTC)', 'model', 'in', 'out', 'cached', 'charged', 'ending', 'from'], lines));
}

function toCells(row: UsageView): (string | null)[] {
  return [
    row.requestId,
    shortDate(row.createdAt),
    row.servedModel ?? row.model,
    (row.inputTokens + row.cacheWrite5mTokens + row.cacheWrite1hTokens).toString(),
    row.outputTokens.toString(),
    row.cacheReadTokens.toString(),
    `$${formatUsd(row.amountNano)}`,
    row.ending,
    row.settledFrom,
  ];
}
