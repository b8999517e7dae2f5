import { gatewayRoute } from '@/lib/http/gateway-route';
import { listModels } from '@/lib/services/gateway/list-models';

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = gatewayRoute({ GET: listModels });
