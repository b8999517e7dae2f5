import type { Prisma } from './prisma-client/client';

/** A running transaction of Prisma's: what a step of a larger verb takes first, since only the outermost verb opens one. */
export type Transaction = Prisma.TransactionClient;

const UNIQUE_VIOLATION = 'P2002';

/** Whether a write was refused because a row of that name, date or number is there already. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;
}
