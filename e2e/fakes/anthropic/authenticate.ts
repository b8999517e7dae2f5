import type { IncomingHttpHeaders } from 'node:http';
import { ApiError, invalidRequest } from './api-error';
import { parseBetas } from './betas';
import type { Dialect } from './validate-request';

const VERSIONS = ['2023-06-01', '2026-10-21'];

/** Throws the API's 401. Gives the workspace: keys that go on after the accepted one with a dash have one of their own. */
export function authenticate(headers: IncomingHttpHeaders, apiKey: string): string {
  if (headers.origin !== undefined && headers['anthropic-dangerous-direct-browser-access'] !== 'true') {
    throw unauthenticated("CORS requests must set 'anthropic-dangerous-direct-browser-access' header");
  }
  const given = headers['x-api-key'];
  if (typeof given === 'string' && given !== '') {
    if (!isAccepted(given, apiKey)) throw unauthenticated('invalid x-api-key');
    return given;
  }
  const bearer = /^bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer === undefined) throw unauthenticated('x-api-key header is required');
  if (!isAccepted(bearer, apiKey)) throw unauthenticated('Invalid bearer token');
  return bearer;
}

/** The API version and the betas a request asks for. Throws the API's 400 for what does not exist. */
export function dialectOf(headers: IncomingHttpHeaders): Dialect {
  const version = headers['anthropic-version'];
  if (typeof version !== 'string' || version === '') throw invalidRequest('anthropic-version: header is required');
  if (!VERSIONS.includes(version)) throw invalidRequest(`anthropic-version: "${version}" is not a valid version`);
  const betas = headers['anthropic-beta'];
  return { version, betas: parseBetas(Array.isArray(betas) ? betas.join(',') : betas) };
}

function isAccepted(key: string, apiKey: string): boolean {
  return key === apiKey || key.startsWith(`${apiKey}-`);
}

function unauthenticated(message: string): ApiError {
  return new ApiError(401, 'authentication_error', message);
}
