import { AppError } from '@/lib/domain/app-error';
import { prisma } from '@/lib/platform/prisma';
import { findKey } from './find-key';

/**
 * Lets a disabled key work again. Enabling one that works changes nothing.
 * @throws AppError not_found when no key has that id; invalid_request when it was revoked, which is for good.
 */
export async function enableKey(keyId: string): Promise<{ id: string }> {
  const key = await findKey(keyId);
  if (key.revokedAt !== null) {
    throw new AppError('invalid_request', `Key ${keyId} was revoked, which is for good. Create a new key instead.`);
  }
  await prisma().apiKey.updateMany({ where: { id: keyId, disabledAt: { not: null } }, data: { disabledAt: null } });
  return { id: key.id };
}
