import { ApiError, errorTypeOf } from './api-error';
import type { Exchange } from './exchange';
import type { Fault } from './fault';
import { pause, waitForLeave } from './pause';
import { apiHeaders } from './response-headers';

/** Carries out what a fault asks for in place of an answer. True when nothing is left to be answered. */
export async function answerFault(exchange: Exchange, fault: Fault): Promise<boolean> {
  if (fault.stallBeforeHeaders === true) await waitForLeave(exchange.left);
  await pause(fault.delayMs, exchange.left);
  if (fault.dropConnection === true) {
    exchange.response.destroy();
    return true;
  }
  if (fault.redirect !== undefined) {
    const location = fault.redirect === true ? 'https://example.com/v1/messages' : fault.redirect;
    writeRaw(exchange, fault, 302, '', { location });
    return true;
  }
  if (fault.rawBody !== undefined) {
    writeRaw(exchange, fault, fault.status ?? 200, fault.rawBody, {});
    return true;
  }
  if (fault.status !== undefined && fault.status !== 200 && fault.errorEventAfterEvents === undefined) {
    const type = fault.errorType ?? errorTypeOf(fault.status);
    const more = { headers: extraHeaders(fault), ...(fault.details === undefined ? {} : { details: fault.details }) };
    throw new ApiError(fault.status, type, fault.message ?? defaultMessage(type), more);
  }
  return false;
}

export function extraHeaders(fault: Fault): Record<string, string> {
  const retryAfter = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
  const contentType = fault.contentType === undefined ? {} : { 'content-type': fault.contentType };
  return { ...retryAfter, ...contentType, ...fault.headers };
}

function writeRaw(exchange: Exchange, fault: Fault, status: number, body: string, more: Record<string, string>): void {
  exchange.response.writeHead(status, {
    ...apiHeaders(exchange.requestId, Date.now()),
    'content-type': 'text/html; charset=UTF-8',
    ...more,
    ...extraHeaders(fault),
  });
  exchange.response.end(body);
}

function defaultMessage(type: string): string {
  const messages: Record<string, string> = {
    overloaded_error: 'Overloaded',
    api_error: 'Internal server error',
    rate_limit_error: 'This request would exceed your organization’s rate limit.',
    authentication_error: 'invalid x-api-key',
    billing_error: 'Your credit balance is too low to access the Anthropic API.',
    permission_error: 'Your API key does not have permission to use the specified resource.',
  };
  return messages[type] ?? 'The stand-in was asked to fail.';
}
