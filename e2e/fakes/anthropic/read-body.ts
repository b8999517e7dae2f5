import type { IncomingMessage } from 'node:http';
import { ApiError, invalidRequest } from './api-error';
import { ClientLeft } from './body-sink';
import { isObject, type Json, type JsonObject } from './json';

const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * The whole body. Throws the API's 413 as soon as it is known to be too large, and lets the rest run into nothing: a
 * client that is still sending would not see the answer if its connection were closed under it.
 */
export function readBody(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES ? Infinity : 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      reject(tooLarge());
    });
    request.on('end', () => {
      resolve(Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('close', () => {
      reject(new ClientLeft());
    });
  });
}

/** The body as the JSON object that every endpoint expects. Throws the API's 400 for anything else. */
export function parseBody(bytes: Buffer, contentEncoding: string | undefined): JsonObject {
  if (contentEncoding !== undefined && contentEncoding !== 'identity') {
    throw invalidRequest(`Request body encoding ${contentEncoding} is not supported`, {
      error_code: 'request_body_encoding_unsupported',
    });
  }
  const value = parseJson(bytes.toString('utf8'));
  if (!isObject(value)) throw invalidRequest('Input should be a valid dictionary');
  return value;
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'malformed';
    throw invalidRequest(`The request body is not valid JSON: ${reason}`);
  }
}

function tooLarge(): ApiError {
  return new ApiError(413, 'request_too_large', 'Request exceeds the maximum size', {
    headers: { connection: 'close' },
  });
}
