import type { Thread } from '@/lib/contracts/messages';
import { AppError } from '@/lib/domain/app-error';
import { ownsThreadMessage } from '@/lib/platform/thread-store';
import { UPSTREAM_NAME } from '@/lib/platform/upstream/anthropic';

/**
 * Lets a thread be continued only by the account whose message it was. The upstream keeps threads for all customers of
 * one credential alike; the official SDKs answer this very error by sending the whole conversation again.
 * @throws AppError not_found with the code `thread_not_found`.
 */
export async function requireThread(thread: Thread | undefined, accountId: string): Promise<void> {
  if (thread?.type !== 'continue') return;
  if (await ownsThreadMessage(thread.previousMessageId, accountId, UPSTREAM_NAME)) return;
  throw new AppError(
    'not_found',
    `thread: no message ${thread.previousMessageId.slice(0, 80)} was answered to this account. Send the whole conversation with {"type": "create"}.`,
    {
      fields: { details: { error_code: 'thread_not_found' } },
    },
  );
}
