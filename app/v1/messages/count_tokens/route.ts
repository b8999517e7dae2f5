import { gatewayRoute } from '@/lib/http/gateway-route';
import { countTokens } from '@/lib/services/gateway/count-tokens';

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = gatewayRoute({ POST: countTokens });
