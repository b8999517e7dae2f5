import { z } from 'zod';
import { formatUsd } from '@/lib/domain/money';
import { CHARGE_NANO } from './answer';
import { SAVEROUTER, type Subjects } from './start-subjects';

const reportSchema = z.object({
  ok: z.boolean(),
  usageRows: z.number(),
  openHolds: z.number(),
  revenueNano: z.string().transform(BigInt),
});

/**
 * Whether what was measured took place: the upstream answered every request that any client counts, and SaveRouter's books
 * balance, with one charge for each request that it served and no hold left.
 */
export async function audit({ all, stack, answered }: Subjects): Promise<{ ok: boolean; says: string }> {
  const { stdout, stderr } = await stack.cli(['ledger', 'verify', '--json']);
  if (stdout === '') return { ok: false, says: `ledger verify did not answer: ${stderr}` };
  const report = reportSchema.parse(JSON.parse(stdout));
  const atUpstream = await answered();
  const counted = all.reduce((sum, { tally }) => sum + tally.served, 0);
  const served = all.find(({ name }) => name === SAVEROUTER)?.tally.served ?? 0;
  const expectedNano = BigInt(served) * CHARGE_NANO;
  const checks: [says: string, ok: boolean][] = [
    [`${String(counted)} requests in all, ${String(atUpstream)} answered`, atUpstream === counted],
    [`SaveRouter served ${String(served)}, booked ${String(report.usageRows)}`, report.usageRows === served],
    [`charged $${formatUsd(report.revenueNano)}, due $${formatUsd(expectedNano)}`, report.revenueNano === expectedNano],
    [`${String(report.openHolds)} holds open`, report.openHolds === 0],
    ['ledger verify', report.ok],
  ];
  return {
    ok: served > 0 && checks.every(([, ok]) => ok),
    says: checks.map(([says, ok]) => `${says}: ${ok ? 'ok' : 'WRONG'}`).join(' · '),
  };
}
