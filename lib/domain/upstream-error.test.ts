import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError, ERRORS, errorBody } from './app-error';
import { clampRetryAfter, readUpstreamError, speaksOfOperator, type UpstreamRefusal } from './upstream-error';

const OURS = 'req_ours0000000000000000000';
const THEIRS = 'req_011CSHoEeqs5C35K2UUqR7Fy';
const ORGANIZATION = '5c6f1e0a-aaaa-4bbb-8ccc-000000000001';

/** The statuses under which the API speaks of the request. */
const CALLERS_OWN = [400, 404, 405, 409, 413, 415, 422];

function apiError(message: string, { type = 'invalid_request_error', code }: { type?: string; code?: string } = {}) {
  const error = code === undefined ? { type, message } : { details: { error_code: code }, type, message };
  return JSON.stringify({ type: 'error', error, request_id: THEIRS });
}

function read(status: number, body: string | Buffer, retryAfter?: string): UpstreamRefusal {
  return readUpstreamError(status, Buffer.from(body), retryAfter, OURS);
}

/** The bytes that pass on, where they do. */
function passedOn(status: number, body: string | Buffer): Buffer {
  const refusal = read(status, body);
  expect(refusal).toMatchObject({ passOn: true, status });
  return refusal.passOn ? refusal.body : Buffer.from('not passed on');
}

/** What is said in our own words, where it is: all that a caller gets to see. */
function inOurWords(refusal: UpstreamRefusal) {
  expect(refusal.passOn).toBe(false);
  const error = refusal.passOn ? new AppError('internal', 'passed on') : refusal.error;
  const text = errorBody(error, OURS);
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return { ...ERRORS[error.kind], headers: error.headers, text, cause, alarm: !refusal.passOn && refusal.alarm };
}

describe("G-51 the upstream's no to a request", () => {
  it.each(CALLERS_OWN)('passes byte for byte but for the request id, under its own status: %i', (status) => {
    const body = apiError('messages.0.content: Field required');
    expect(passedOn(status, body).toString()).toBe(body.replace(THEIRS, OURS));
  });

  const AWKWARD: Record<string, [body: string, passed: string]> = {
    'the id stands elsewhere before': [
      `{"type":"error","error":{"message":"see ${THEIRS}","ref":"${THEIRS}"},"request_id":"${THEIRS}"}`,
      `{"type":"error","error":{"message":"see ${THEIRS}","ref":"${THEIRS}"},"request_id":"${OURS}"}`,
    ],
    'the id stands elsewhere after': [
      `{"request_id":"${THEIRS}","type":"error","error":{"message":"no","ref":"${THEIRS}"}}`,
      `{"request_id":"${OURS}","type":"error","error":{"message":"no","ref":"${THEIRS}"}}`,
    ],
    'a request_id of something else comes first': [
      `{"error":{"request_id":"${THEIRS}","message":"the \\"request_id\\":\\"${THEIRS}\\""},"request_id":"${THEIRS}","type":"error"}`,
      `{"error":{"request_id":"${THEIRS}","message":"the \\"request_id\\":\\"${THEIRS}\\""},"request_id":"${OURS}","type":"error"}`,
    ],
    'there is white space and numbers that do not survive a parser': [
      `\n{ "type" : "error",\r\n\t"error": {"message": "no", "n": 1.0, "big": 12345678901234567890, "n": 2},\n "request_id" : "${THEIRS}" }\n`,
      `\n{ "type" : "error",\r\n\t"error": {"message": "no", "n": 1.0, "big": 12345678901234567890, "n": 2},\n "request_id" : "${OURS}" }\n`,
    ],
    'the id is written with escapes': [
      String.raw`{"type":"error","error":{"message":"n\u00f6 \ud83d"},"request\u005fid":"req_\u0031"}`,
      String.raw`{"type":"error","error":{"message":"n\u00f6 \ud83d"},"request\u005fid":"${OURS}"}`,
    ],
    'the id is null': [
      '{"type":"error","error":{"message":"no"},"request_id":null}',
      `{"type":"error","error":{"message":"no"},"request_id":"${OURS}"}`,
    ],
    'the id is empty': [
      '{"type":"error","error":{"message":""},"request_id":""}',
      `{"type":"error","error":{"message":""},"request_id":"${OURS}"}`,
    ],
    'there is no id': [
      '{ "type":"error","error":{"message":"no", "n":1.0} }\n',
      `{ "type":"error","error":{"message":"no", "n":1.0} ,"request_id":"${OURS}"}\n`,
    ],
  };
  it.each(Object.entries(AWKWARD))('keeps every other byte where %s', (_, [body, passed]) => {
    expect(passedOn(400, body).toString()).toBe(passed);
  });

  it('keeps bytes that are no UTF-8', () => {
    const [start, end] = [Buffer.from('{"type":"error","error":{"message":"'), Buffer.from('"},"request_id":')];
    const bytes = Buffer.from([0xff, 0xc0, 0xaf, 0xed, 0xa0, 0x80]);
    const passed = passedOn(400, Buffer.concat([start, bytes, end, Buffer.from(`"${THEIRS}"}`)]));
    expect(passed.equals(Buffer.concat([start, bytes, end, Buffer.from(`"${OURS}"}`)]))).toBe(true);
  });

  it('keeps a huge message whole', () => {
    const body = apiError('ä"\\'.repeat(200_000));
    expect(passedOn(413, body).equals(Buffer.from(body.replace(THEIRS, OURS)))).toBe(true);
  });

  it('holds whatever the error says, and leaves JSON with our id', () => {
    const fields = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });
    fc.assert(
      fc.property(fields, fields, fc.constantFrom(undefined, 0, 2), (more, details, indent) => {
        const error = { details: { ...details, error_code: 'new' }, type: 'invalid_request_error', message: 'no' };
        const body = JSON.stringify({ ...more, type: 'error', error, request_id: THEIRS }, undefined, indent);
        const passed = passedOn(400, body).toString();
        expect(passed).toBe(body.replace(`"${THEIRS}"`, `"${OURS}"`));
        expect(JSON.parse(passed)).toMatchObject({ request_id: OURS });
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['thread_not_found', 404],
    ['image_dimensions_too_large', 400],
    ['request_body_encoding_invalid', 400],
    ['request_body_too_large_after_decoding', 413],
    ['compaction_failed', 400],
    ['something_new', 422],
  ])('passes with its details, on which SDKs act: %s', (code, status) => {
    const body = apiError('The request says no.', { code });
    expect(passedOn(status, body).toString()).toBe(body.replace(THEIRS, OURS));
  });
});

const UNREADABLE: Record<string, string | Buffer> = {
  'an empty body': '',
  'a page in HTML': `<!DOCTYPE html><html><h1>Sorry</h1>cf-ray ${THEIRS} ${ORGANIZATION}</html>`,
  'a JSON text that is cut off': apiError('no').slice(0, -1),
  'JSON of another shape': `{"error":"${ORGANIZATION}","request_id":"${THEIRS}"}`,
  'a message that is no text': `{"type":"error","error":{"message":{"id":"${ORGANIZATION}"}},"request_id":"${THEIRS}"}`,
  'an array': `["${THEIRS}"]`,
  'a number': '17',
  'binary noise': Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff]),
  'nesting without end': `{"type":"error","error":{"message":"no","x":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`,
};

describe('an answer that is no error of the API', () => {
  const cases = Object.entries(UNREADABLE);

  it.each(cases)('is put in the shape of the API, and says nothing of what it was: %s', (_, body) => {
    for (const status of [...CALLERS_OWN, 401, 403, 429, 500, 502, 503, 504, 520, 529, 302]) {
      const said = inOurWords(read(status, body));
      expect(JSON.parse(said.text)).toMatchObject({ type: 'error', request_id: OURS });
      expect(said.headers).toEqual({});
      expect(said.text).not.toMatch(new RegExp(`html|cf-ray|${THEIRS}|${ORGANIZATION}`, 'i'));
    }
  });

  it.each(cases)('keeps a refusal a refusal where the status says what is wrong: %s', (_, body) => {
    expect(inOurWords(read(413, body))).toMatchObject({ status: 413, type: 'request_too_large', alarm: false });
    for (const status of [400, 409, 415, 422]) {
      const said = inOurWords(read(status, body));
      expect(said).toMatchObject({ status: 400, type: 'invalid_request_error', alarm: false });
      expect(said.text).toContain(`HTTP ${status}`);
    }
  });

  it.each(cases)("is the operator's wrong address where the API would have named what is missing: %s", (_, body) => {
    for (const status of [404, 405]) {
      expect(inOurWords(read(status, body))).toMatchObject({ status: 500, type: 'api_error', alarm: true });
    }
  });
});

describe("G-50 the operator's own troubles never look like the customer's", () => {
  const TROUBLES: Record<string, [status: number, body: string, retryAfter?: string]> = {
    'a bad credential': [401, apiError('invalid x-api-key', { type: 'authentication_error' })],
    'unpaid bills': [402, apiError('Your organization must pay.', { type: 'billing_error' })],
    'a missing permission': [403, apiError('Your API key may not use this.', { type: 'permission_error' })],
    'an organization on hold': [403, apiError('On hold.', { type: 'permission_error', code: 'organization_on_hold' })],
    'the same with a 400': [400, apiError('Access is paused.', { code: 'organization_on_hold' })],
    'the same in words': [400, apiError('Your organization is on hold.')],
    'the same by its name': [400, apiError('organization_on_hold')],
    'a disabled organization': [400, apiError('This organization has been disabled.')],
    'a spend limit': [400, apiError('You have reached your specified API usage limits. Access returns on 2026-12-01.')],
    'an empty balance': [
      400,
      apiError('Your credit balance is too low to access the Anthropic API. Purchase credits.'),
    ],
    'an empty balance in capitals': [400, apiError('YOUR CREDIT BALANCE IS TOO LOW')],
    'a credential refused with a 404': [404, apiError('No.', { type: 'authentication_error' })],
    'a permission refused with a 404': [404, apiError('No.', { type: 'permission_error' })],
    'an unpaid bill with a 400': [400, apiError('No.', { type: 'billing_error' })],
    'an encryption key that is off': [400, apiError('No.', { code: 'cmek_key_disabled' })],
    'a linked organization': [400, apiError('No.', { code: 'linked_organization_spend_limit_reached' })],
    'a spend cap': [429, apiError('This would exceed your monthly spend cap.', { type: 'rate_limit_error' })],
    'a spend cap with a time': [429, apiError('No.', { code: 'enforced_spend_limit_reached' }), '2000000'],
    'a contract that is used up': [429, apiError('No.', { code: 'contract_spend_limit_reached' }), '30'],
    'a redirect': [302, ''],
    'an informal no': [451, apiError('Not in your organization’s country.')],
    'an upstream that does not speak the protocol': [505, ''],
  };

  it.each(Object.entries(TROUBLES))('%s', (_, [status, body, retryAfter]) => {
    const said = inOurWords(read(status, body, retryAfter));
    expect([500, 529]).toContain(said.status);
    expect(said.type).toBe(said.status === 529 ? 'overloaded_error' : 'api_error');
    expect(said.alarm).toBe(true);
    expect(said.headers).toEqual({});
    expect(said.text).toMatch(/Nothing was charged/);
    expect(said.text).toMatch(/retry/);
    expect(said.text).not.toMatch(/x-api-key|organi[sz]ation|API key|usage limit|credit|spend|hold|cmek|Anthropic/i);
    expect(said.text).not.toContain(THEIRS);
    expect(said.cause).toContain(`answered ${status}`);
  });

  it('says the same, whichever it is, so that nothing can be read from the wording', () => {
    const said = Object.values(TROUBLES).map(([status, body, retryAfter]) => read(status, body, retryAfter));
    expect(new Set(said.map((refusal) => inOurWords(refusal).text)).size).toBe(2);
  });

  it("tells the operator what the upstream said, but never more of a caller's request than what gave it away", () => {
    const long = `invalid x-api-key ${'x'.repeat(1_000)}`;
    expect(inOurWords(read(401, apiError(long))).cause).toBe(`the upstream answered 401: ${long.slice(0, 300)}`);
    const quoting = 'messages.0.a private matter: your credit balance is too low';
    expect(inOurWords(read(400, apiError(quoting))).cause).toBe('the upstream answered 400: credit balance is too low');
  });

  it.each([
    'max_tokens: 300000 > 128000, which is the maximum allowed number of output tokens',
    'prompt is too long: 1000001 tokens > 1000000 maximum',
    'model: claude-opus-4-8',
    'The long context beta is not available for your organization.',
    'Your balance of tools is off: tools.0.name: String should match pattern',
    'credit: Extra inputs are not permitted',
    'rate limits: Extra inputs are not permitted',
  ])('and no error of the caller is taken for one: %s', (message) => {
    expect(passedOn(400, apiError(message)).toString()).toContain(message);
  });
});

describe('what passes by itself', () => {
  const PASSING: [status: number, retryAfter: string | undefined, answered: number, type: string][] = [
    [408, undefined, 504, 'timeout_error'],
    [429, '7', 429, 'rate_limit_error'],
    [500, undefined, 500, 'api_error'],
    [502, undefined, 502, 'api_error'],
    [503, undefined, 503, 'api_error'],
    [504, undefined, 504, 'timeout_error'],
    [520, undefined, 500, 'api_error'],
    [524, undefined, 500, 'api_error'],
    [529, undefined, 529, 'overloaded_error'],
    [529, '12', 529, 'overloaded_error'],
  ];

  it.each(PASSING)(
    '%i (retry-after %s) becomes %i %s in our words, and rings nobody',
    (status, wait, answered, type) => {
      const bodies = [
        apiError(`Overloaded ${ORGANIZATION}`, { type: 'overloaded_error' }),
        `<html>Cloudflare ${ORGANIZATION}</html>`,
      ];
      for (const body of bodies) {
        const said = inOurWords(read(status, body, wait));
        expect(said).toMatchObject({ status: answered, type, alarm: false });
        expect(said.headers).toEqual(wait === undefined ? {} : { 'retry-after': wait });
        expect(said.text).toMatch(/Nothing was charged; retry/);
        expect(said.text).not.toMatch(new RegExp(`${ORGANIZATION}|${THEIRS}|cloudflare`, 'i'));
      }
    },
  );

  it('takes a limit on how fast usage grows for a rate limit, as the API does', () => {
    const ramp = apiError('Too fast.', { type: 'rate_limit_error', code: 'ramp_limit_exceeded' });
    expect(inOurWords(read(429, ramp, '20'))).toMatchObject({ status: 429, headers: { 'retry-after': '20' } });
  });
});

describe('every answer of an upstream', () => {
  it('becomes one that official SDKs know, never a 401, 402 or 403', () => {
    const known = new Set([400, 404, 405, 409, 413, 415, 422, 429, 500, 502, 503, 504, 529]);
    const bodies = [...Object.values(UNREADABLE), apiError('no'), apiError('no', { code: 'organization_on_hold' })];
    for (let status = 300; status < 600; status += 1) {
      for (const body of bodies) {
        for (const retryAfter of [undefined, '5']) {
          const refusal = read(status, body, retryAfter);
          expect(known).toContain(refusal.passOn ? refusal.status : ERRORS[refusal.error.kind].status);
        }
      }
    }
  });
});

describe('G-53 the time to come back', () => {
  it.each([
    ['1', '1'],
    ['7', '7'],
    ['60', '60'],
    [' 5 ', '5'],
    ['0', '1'],
    ['-3', '1'],
    ['0.2', '1'],
    ['6.001', '7'],
    ['59.5', '60'],
    ['60.1', '60'],
    ['61', '60'],
    ['3600', '60'],
    ['1e9', '60'],
    ['99999999999999999999', '60'],
    ['Infinity', '60'],
    ['-Infinity', '60'],
    ['NaN', '60'],
    ['Wed, 21 Oct 2037 07:28:00 GMT', '60'],
    ['2037-10-21T07:28:00Z', '60'],
    ['soon', '60'],
    ['7s', '60'],
    ['5, 6', '60'],
  ])('is told in whole seconds from 1 to 60: %j as %s', (upstream, told) => {
    expect(clampRetryAfter(upstream)).toBe(told);
    for (const status of [429, 529]) {
      expect(inOurWords(read(status, apiError('Slow down.'), upstream)).headers).toEqual({ 'retry-after': told });
    }
    expect(inOurWords(read(429, apiError('Slow down.'), upstream)).text).toContain(`retry in ${told} s`);
  });

  it('is so for whatever the upstream sends', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String)), (upstream) => {
        expect(clampRetryAfter(upstream)).toMatch(/^(?:[1-9]|[1-5]\d|60)$/);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is told on no other error, where clients would take it for a rate limit', () => {
    for (const status of [401, 402, 403, 500, 502, 503, 504]) {
      expect(inOurWords(read(status, apiError('no'), '5')).headers).toEqual({});
    }
  });
});

describe('speaksOfOperator', () => {
  it.each([
    ['invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'],
    ['invalid_request_error', 'You have reached your specified API usage limits.'],
    ['invalid_request_error', 'Organization org-123 may not use this.'],
    ['permission_error', 'No.'],
    ['billing_error', 'No.'],
  ])('knows trouble that is none of the customer’s, amid a stream too: %s %s', (type, message) => {
    expect(speaksOfOperator(type, message)).toBe(true);
  });

  it('leaves the caller’s own errors alone', () => {
    expect(speaksOfOperator('invalid_request_error', 'prompt is too long: 214321 tokens > 200000 maximum')).toBe(false);
  });
});
