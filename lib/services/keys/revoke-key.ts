import { prisma } from '@/lib/platform/prisma';
import { findKey } from './find-key';

/**
 * Ends a key for good, everywhere within seconds. Revoking it again changes nothing.
 * @returns when it was revoked first.
 * @throws AppError not_found when no key has that id.
 */
export async function revokeKey(keyId: string): Promise<{ id: string; revokedAt: Date }> {
  const now = new Date();
  await prisma().apiKey.updateMany({ where: { id: keyId, revokedAt: null }, data: { revokedAt: now } });
  const key = await findKey(keyId);
  return { id: key.id, revokedAt: key.revokedAt ?? now };
}
