import type { Command } from 'commander';
import type { LedgerReport } from '@/lib/contracts/ledger';
import { formatUsd } from '@/lib/domain/money';
import { answer, facts, table } from './output';
import type { RunState } from './run-state';
import { withDatabase } from './with-database';

export function addLedgerCommands(ledger: Command, run: RunState): void {
  ledger
    .command('verify')
    .description('recompute everything from its rows and compare; exits with 1 when something differs')
    .option('--account <account>', 'of one account only')
    .action(async (options: { account?: string }, command: Command) => {
      const report = await withDatabase(async () => {
        const { verifyLedger } = await import('@/lib/services/ledger/verify-ledger');
        return verifyLedger(options.account ?? null);
      });
      run.ok = report.ok;
      answer(command, report, renderReport);
    });
}

function renderReport(report: LedgerReport): string {
  const summary = facts([
    ['accounts', String(report.accounts)],
    ['transfers', String(report.transfers)],
    ['requests', String(report.usageRows)],
    ['open holds', String(report.openHolds)],
    ['revenue', `$${formatUsd(report.revenueNano)}`],
    ['shortfall', `$${formatUsd(report.shortfallNano)}`],
    ['forgiven', `$${formatUsd(report.forgivenNano)}`],
  ]);
  if (report.ok) return `The books balance.\n${summary}`;
  const rows = report.differences.map(({ check, subject, expected, found }) => [check, subject, expected, found]);
  return `The books do NOT balance.\n${summary}\n\n${table(['check', 'subject', 'expected', 'found'], rows)}`;
}
