import type { Fault } from './fault';

const MAX_QUEUED = 1000;

interface QueuedFault {
  fault: Fault;
  times: number;
  path: string | undefined;
}

/** Faults for the next requests, first in, first out; one with a path waits for a request to that path. */
export class FaultQueue {
  private queued: QueuedFault[] = [];

  add(fault: Fault, times: number, path: string | undefined): void {
    if (this.queued.length >= MAX_QUEUED) throw new RangeError('stand-in: too many queued faults');
    this.queued.push({ fault, times, path });
  }

  /** The fault for a request to this path, or undefined when it is to be answered as usual. */
  take(path: string): Fault | undefined {
    const next = this.queued.find((entry) => entry.path === undefined || entry.path === path);
    if (next === undefined) return undefined;
    next.times -= 1;
    if (next.times <= 0) this.queued = this.queued.filter((entry) => entry !== next);
    return next.fault;
  }

  clear(): void {
    this.queued = [];
  }

  list(): readonly QueuedFault[] {
    return this.queued;
  }
}
