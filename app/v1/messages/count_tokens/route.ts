import { COUNT_TOKENS } from '@/lib/http/gateway-endpoints';
import { gatewayRoute } from '@/lib/http/gateway-route';

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = gatewayRoute(COUNT_TOKENS);
