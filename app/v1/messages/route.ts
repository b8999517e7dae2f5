import { gatewayRoute } from '@/lib/http/gateway-route';
import { createMessage } from '@/lib/services/gateway/create-message';

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = gatewayRoute({ POST: createMessage });
