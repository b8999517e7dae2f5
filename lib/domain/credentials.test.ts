import { describe, expect, it } from 'vitest';
import { generateApiKey } from './api-key';
import { BEARER_VERSION, findCredentials } from './credentials';

const OURS = generateApiKey();
const OTHER = generateApiKey();
const DAMAGED = `${OURS.slice(0, -1)}${OURS.endsWith('0') ? '1' : '0'}`;
const UPSTREAM_KEY = 'sk-ant-api03-left-over';
const OLD = '2023-06-01';

type Row = [what: string, apiKey: string | undefined, authorization: string | undefined, version: string | undefined];

describe('findCredentials', () => {
  it.each<Row>([
    ['alone', OURS, undefined, OLD],
    ['without a version', OURS, undefined, undefined],
    ['with space around it', `  ${OURS}\t`, undefined, OLD],
    ['beside a foreign Bearer token', OURS, 'Bearer leaked-from-the-environment', OLD],
    ['beside another key of ours as Bearer', OURS, `Bearer ${OTHER}`, BEARER_VERSION],
    ['beside the same key as Bearer', OURS, `Bearer ${OURS}`, OLD],
    ['beside an empty Bearer', OURS, 'Bearer ', OLD],
    ['beside Basic credentials', OURS, 'Basic dXNlcjpwYXNz', OLD],
  ])('lets a key in x-api-key decide alone: %s', (_what, apiKey, authorization, version) => {
    expect(findCredentials({ apiKey, authorization, version })).toEqual({ key: OURS });
  });

  it.each<Row>([
    ['alone', undefined, `Bearer ${OURS}`, BEARER_VERSION],
    ['with the scheme in lower case', undefined, `bearer ${OURS}`, BEARER_VERSION],
    ['with the scheme in upper case', undefined, `BEARER ${OURS}`, BEARER_VERSION],
    ['with more space', undefined, ` Bearer \t ${OURS} `, ` ${BEARER_VERSION} `],
    ['beside an empty x-api-key', '', `Bearer ${OURS}`, BEARER_VERSION],
    ['beside a left-over upstream key', UPSTREAM_KEY, `Bearer ${OURS}`, BEARER_VERSION],
    ['beside a damaged key', DAMAGED, `Bearer ${OURS}`, BEARER_VERSION],
  ])('takes a Bearer key under the version whose own way it is: %s', (_what, apiKey, authorization, version) => {
    expect(findCredentials({ apiKey, authorization, version })).toEqual({ key: OURS });
  });

  it.each<Row>([
    ['the older version', undefined, `Bearer ${OURS}`, OLD],
    ['no version', undefined, `Bearer ${OURS}`, undefined],
    ['an empty version', undefined, `Bearer ${OURS}`, ''],
    ['a version that is not out yet', undefined, `Bearer ${OURS}`, '2027-01-01'],
    ['two versions at once', undefined, `Bearer ${OURS}`, `${BEARER_VERSION}, ${OLD}`],
    ['the older version, beside a left-over upstream key', UPSTREAM_KEY, `Bearer ${OURS}`, OLD],
  ])('refuses a Bearer key of ours under %s', (_what, apiKey, authorization, version) => {
    expect(findCredentials({ apiKey, authorization, version })).toEqual({ refused: 'bearer' });
  });

  it.each<Row>([
    ['in the older version', undefined, 'Bearer sk-ant-oat01-something', OLD],
    ['in the newest version', undefined, 'Bearer sk-ant-oat01-something', BEARER_VERSION],
    ['in none', undefined, 'Bearer eyJhbGciOi', undefined],
    ['beside an empty x-api-key', ' ', 'Bearer sk-ant-oat01-something', OLD],
  ])('refuses a Bearer token that is not ours: %s', (_what, apiKey, authorization, version) => {
    expect(findCredentials({ apiKey, authorization, version })).toEqual({ refused: 'foreign_bearer' });
  });

  it.each<Row>([
    ['nothing at all', undefined, undefined, OLD],
    ['empty headers', '', '', OLD],
    ['blank headers', '  ', ' \t', BEARER_VERSION],
    ['the word Bearer alone', undefined, 'Bearer', BEARER_VERSION],
    ['Bearer and spaces', '', 'bearer   ', OLD],
  ])('takes for missing: %s', (_what, apiKey, authorization, version) => {
    expect(findCredentials({ apiKey, authorization, version })).toEqual({ refused: 'missing' });
  });

  it.each<Row>([
    ['a damaged key', DAMAGED, undefined, OLD],
    ['a damaged key as Bearer', undefined, `Bearer ${DAMAGED}`, BEARER_VERSION],
    ['an upstream key in x-api-key', UPSTREAM_KEY, undefined, OLD],
    ['an upstream key beside a foreign Bearer token', UPSTREAM_KEY, 'Bearer something', OLD],
    ['a doubled prefix', undefined, `Bearer Bearer ${OURS}`, BEARER_VERSION],
    ['two tokens', undefined, `Bearer ${OURS} ${OTHER}`, BEARER_VERSION],
    ['the prefix inside x-api-key', `Bearer ${OURS}`, undefined, OLD],
    ['no space behind the scheme', undefined, `Bearer${OURS}`, BEARER_VERSION],
    ['another scheme', undefined, `Basic ${OURS}`, BEARER_VERSION],
    ['a key without a scheme', undefined, OURS, BEARER_VERSION],
    ['two values of x-api-key joined', `${OURS}, ${OTHER}`, undefined, OLD],
  ])('takes for malformed: %s', (_what, apiKey, authorization, version) => {
    expect(findCredentials({ apiKey, authorization, version })).toEqual({ refused: 'malformed' });
  });
});
