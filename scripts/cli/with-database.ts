import { prepareEnvironment } from './environment';

/** Runs a command's work on the database that the environment names, and ends the connections after it. */
export async function withDatabase<T>(work: () => Promise<T>, options = { hashesKeys: false }): Promise<T> {
  prepareEnvironment(options);
  // Loaded here and not above: --help and a mistyped command answer at once.
  const { prisma } = await import('@/lib/platform/prisma');
  const client = prisma();
  try {
    return await work();
  } finally {
    await client.$disconnect();
  }
}
