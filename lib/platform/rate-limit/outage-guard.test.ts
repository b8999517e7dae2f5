import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collectLog } from '@/lib/testing/rate-limits';
import { OutageGuard } from './outage-guard';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A store of which a test decides how its connection and its pings end. */
function fakeStore(connect: () => Promise<void> = () => Promise.resolve()) {
  const unused = () => Promise.reject(new Error('not part of this test'));
  const ping = vi.fn<() => Promise<unknown>>(() => Promise.resolve('PONG'));
  return {
    kind: 'redis' as const,
    connect,
    ping,
    eval: unused,
    evalsha: unused,
    close: () => undefined,
  };
}

const fail = () => Promise.reject(new Error('connect ECONNREFUSED'));
const answer = () => Promise.resolve('answer');
const never = () => new Promise<string>(() => undefined);

describe('OutageGuard', () => {
  it('gives up on a call that takes longer than 150 ms', async () => {
    const guard = new OutageGuard(fakeStore(), { what: 'test', log: collectLog() });
    let given: string | null = 'nothing yet';
    const running = guard.run(never).then((result) => {
      given = result;
    });
    await vi.advanceTimersByTimeAsync(149);
    expect(given).toBe('nothing yet');
    await vi.advanceTimersByTimeAsync(5);
    await running;
    expect(given).toBeNull();
  });

  it('calls nothing for two seconds after a failure, and then only pings until one is answered', async () => {
    const store = fakeStore();
    const guard = new OutageGuard(store, { what: 'test', log: collectLog() });
    await expect(guard.run(fail)).resolves.toBeNull();
    const call = vi.fn(answer);
    await expect(guard.run(call)).resolves.toBeNull();
    expect(store.ping).not.toHaveBeenCalled();

    store.ping.mockImplementationOnce(fail);
    await vi.advanceTimersByTimeAsync(2_001);
    await expect(Promise.all([guard.run(call), guard.run(call)])).resolves.toEqual([null, null]);
    expect(store.ping).toHaveBeenCalledTimes(1);
    expect(call).not.toHaveBeenCalled();

    await vi.advanceTimersByTimeAsync(2_001);
    await guard.run(call);
    await vi.advanceTimersByTimeAsync(1);
    await expect(guard.run(call)).resolves.toBe('answer');
  });

  it('logs one line for an outage of many calls, and one for its end', async () => {
    const log = collectLog();
    const onRecovery = vi.fn();
    const guard = new OutageGuard(fakeStore(), { what: 'test', log, onRecovery });
    await Promise.all([guard.run(fail), guard.run(fail), guard.run(fail)]);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]).toContain('ECONNREFUSED');
    await vi.advanceTimersByTimeAsync(2_001);
    await guard.run(answer);
    await vi.advanceTimersByTimeAsync(1);
    expect(log.lines).toHaveLength(2);
    expect(onRecovery).toHaveBeenCalledOnce();
  });

  it('hands a result that came too late to whoever can undo it', async () => {
    const guard = new OutageGuard(fakeStore(), { what: 'test', log: collectLog() });
    const late = vi.fn();
    const slow = () =>
      new Promise<string>((resolve) => {
        setTimeout(() => {
          resolve('taken');
        }, 400);
      });
    const running = guard.run(slow, late);
    await vi.advanceTimersByTimeAsync(200);
    await expect(running).resolves.toBeNull();
    expect(late).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(300);
    expect(late).toHaveBeenCalledExactlyOnceWith('taken');
  });

  it('waits for the first connection, a second at the most', async () => {
    const guard = new OutageGuard(
      fakeStore(() => new Promise(() => undefined)),
      {
        what: 'test',
        log: collectLog(),
      },
    );
    const running = guard.run(answer);
    await vi.advanceTimersByTimeAsync(1_001);
    await expect(running).resolves.toBeNull();
  });
});
