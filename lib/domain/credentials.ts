import { isWellFormedApiKey, looksLikeApiKey } from './api-key';

/** The version in which the Messages API's own way to send a key is `Authorization: Bearer`. */
export const BEARER_VERSION = '2026-10-21';

export type Credentials = { key: string } | { refused: 'missing' | 'malformed' | 'bearer' | 'foreign_bearer' };

/**
 * Finds the one key that decides, from the values of `x-api-key`, `authorization` and `anthropic-version`:
 * - a key in `x-api-key` decides alone, whatever Bearer token a client's environment leaked beside it;
 * - else a key sent as Bearer is taken under version 2026-10-21, where that is the API's own way, and refused in others;
 * - empty values, and the word Bearer with nothing behind it, count as absent.
 */
export function findCredentials(headers: {
  apiKey: string | undefined;
  authorization: string | undefined;
  version: string | undefined;
}): Credentials {
  const apiKey = headers.apiKey?.trim() ?? '';
  if (isWellFormedApiKey(apiKey)) return { key: apiKey };
  const authorization = headers.authorization?.trim() ?? '';
  const bearer = /^bearer(?:\s+(.*))?$/i.exec(authorization);
  const token = bearer ? (bearer[1] ?? '').trim() : '';
  if (isWellFormedApiKey(token)) {
    return headers.version?.trim() === BEARER_VERSION ? { key: token } : { refused: 'bearer' };
  }
  if (apiKey !== '') return { refused: 'malformed' };
  if (token === '' || /^bearer$/i.test(token))
    return { refused: authorization === '' || bearer ? 'missing' : 'malformed' };
  return { refused: looksLikeApiKey(token) || /\s/.test(token) ? 'malformed' : 'foreign_bearer' };
}
