import { env } from '../env';
import type { RedisConfig } from './redis-store';

/** Where limits are counted, by this process's configuration: Upstash, a Redis, or neither. */
export function redisConfig(): RedisConfig {
  const { REDIS_URL: redisUrl, UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = env();
  if (url !== undefined && token !== undefined) return { upstash: { url, token } };
  return redisUrl === undefined ? {} : { redisUrl };
}
