import { database } from './database';

/** Whether a message was answered to this account, by the named upstream: what makes its thread the account's own. */
export async function ownsThreadMessage(messageId: string, accountId: string, upstream: string): Promise<boolean> {
  const { rowCount } = await database().query({
    name: 'owns_thread_message',
    text: 'SELECT 1 FROM thread_messages WHERE message_id = $1 AND account_id = $2 AND upstream = $3',
    values: [messageId, accountId, upstream],
  });
  return rowCount === 1;
}
