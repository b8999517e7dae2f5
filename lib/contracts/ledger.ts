/** Something in the ledger that does not equal what its rows say. */
export type LedgerDifference = {
  /** Which of the ledger's guarantees is broken, such as `account_totals`. */
  check: string;
  /** The account, request, key or hour that it is broken for. */
  subject: string;
  expected: string;
  found: string;
};

/** What `ledger verify` found. Amounts are nano-dollars. */
export type LedgerReport = {
  ok: boolean;
  accounts: number;
  transfers: number;
  usageRows: number;
  openHolds: number;
  revenueNano: bigint;
  shortfallNano: bigint;
  forgivenNano: bigint;
  /** The first of them, each check's in turn. */
  differences: LedgerDifference[];
};
