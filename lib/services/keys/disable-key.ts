import { prisma } from '@/lib/platform/prisma';
import { findKey } from './find-key';

/**
 * Stops a key until it is enabled again, everywhere within seconds. Disabling it again changes nothing.
 * @returns since when it is disabled.
 * @throws AppError not_found when no key has that id.
 */
export async function disableKey(keyId: string): Promise<{ id: string; disabledAt: Date }> {
  const now = new Date();
  await prisma().apiKey.updateMany({ where: { id: keyId, disabledAt: null }, data: { disabledAt: now } });
  const key = await findKey(keyId);
  return { id: key.id, disabledAt: key.disabledAt ?? now };
}
