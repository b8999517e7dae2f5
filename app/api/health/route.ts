import { checkHealth } from '@/lib/services/health/check-health';

export const dynamic = 'force-dynamic';

export const GET = async (): Promise<Response> => {
  const health = await checkHealth();
  return Response.json(health, { status: health.ok ? 200 : 503, headers: { 'cache-control': 'no-store' } });
};
