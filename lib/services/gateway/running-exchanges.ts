import { AppError } from '@/lib/domain/app-error';
import { once } from '@/lib/platform/once';

type Running = { exchanges: Set<AbortController>; draining: boolean; onEmpty: (() => void) | undefined };

/** The exchanges that hold money and run now, and whether this process is still taking more. */
export function runningExchanges(): Running {
  return once('running-exchanges', (): Running => ({ exchanges: new Set(), draining: false, onEmpty: undefined }));
}

/**
 * Registers an exchange until `done` is called. `stop` is aborted when the process can't wait for it any longer.
 * @throws AppError unavailable once the process is stopping.
 */
export function registerExchange(): { stop: AbortSignal; done: () => void } {
  const running = runningExchanges();
  if (running.draining) {
    throw new AppError(
      'unavailable',
      'This SaveRouter server is restarting. Nothing was charged; send the request again in a second.',
      {
        headers: { 'retry-after': '1' },
      },
    );
  }
  const controller = new AbortController();
  running.exchanges.add(controller);
  return {
    stop: controller.signal,
    done: () => {
      running.exchanges.delete(controller);
      if (running.exchanges.size === 0) running.onEmpty?.();
    },
  };
}
