import { gatewayRoute } from '@/lib/http/gateway-route';
import { getModel } from '@/lib/services/gateway/get-model';

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = gatewayRoute({ GET: getModel });
