import { once } from '@/lib/platform/once';

/** The settlements that are being written, for a process that must not end before them. */
export function settlementsUnderWay(): Set<Promise<unknown>> {
  return once('settlements-under-way', () => new Set<Promise<unknown>>());
}
