import { describe, expect, it } from 'vitest';
import { AppError, ERRORS, errorBody } from './app-error';

describe('ERRORS', () => {
  it('gives each kind the status and the type that official SDKs know', () => {
    const table = Object.entries(ERRORS).map(([kind, { status, type }]) => `${kind} ${status} ${type}`);
    expect(table).toEqual([
      'invalid_request 400 invalid_request_error',
      'unauthenticated 401 authentication_error',
      'insufficient_credits 402 billing_error',
      'forbidden 403 permission_error',
      'not_found 404 not_found_error',
      'method_not_allowed 405 invalid_request_error',
      'too_large 413 request_too_large',
      'rate_limited 429 rate_limit_error',
      'internal 500 api_error',
      'upstream_unreachable 502 api_error',
      'unavailable 503 api_error',
      'upstream_timeout 504 timeout_error',
      'upstream_overloaded 529 overloaded_error',
    ]);
  });
});

describe('errorBody', () => {
  it('has the shape of the Messages API', () => {
    const body = errorBody(new AppError('not_found', 'model: claude-foo'), 'req_1');
    expect(body).toBe(
      '{"type":"error","error":{"type":"not_found_error","message":"model: claude-foo"},"request_id":"req_1"}',
    );
  });

  it('writes code 402 as clients look for it, without a space', () => {
    const error = new AppError('insufficient_credits', 'insufficient credits: top up', { fields: { code: 402 } });
    expect(errorBody(error, 'req_1')).toContain('"code":402');
    expect(errorBody(error, 'req_1')).toContain('insufficient credits');
  });

  it('says nothing of the cause', () => {
    const error = new AppError('internal', 'Something went wrong.', { cause: new Error('password=hunter2') });
    expect(errorBody(error, 'req_1')).not.toContain('hunter2');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('escapes whatever a message holds', () => {
    const message = 'a "quoted" \n line \u2028 and \0';
    const body: unknown = JSON.parse(errorBody(new AppError('invalid_request', message), 'req_1'));
    expect(body).toMatchObject({ error: { message } });
  });
});
