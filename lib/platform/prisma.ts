import { PrismaPg } from '@prisma/adapter-pg';
import { env } from './env';
import { once } from './once';
import { PrismaClient } from './prisma-client/client';

/** Prisma, for all that is not on the way of a request. The adapter reads timestamps as UTC, so the session must be in UTC. */
export function prisma(): PrismaClient {
  return once('prisma', () => connectPrisma(env().DATABASE_URL));
}

/** A client of its own for a database that is named, such as a test's. */
export function connectPrisma(databaseUrl: string): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl, options: '-c TimeZone=UTC' }) });
}
