import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { PROBLEMS, Problem, type ProblemCode, problem } from './problems.ts';

/** The protocol's codes and statuses, written down a second time on purpose. */
const STATUS_BY_CODE = {
  'invalid-request': 400,
  'not-signed-in': 401,
  'invalid-credentials': 401,
  'wrong-password': 403,
  'unfit-password': 422,
  'second-factor-required': 401,
  'invalid-code': 401,
  'invalid-passkey': 401,
  'invalid-invitation': 401,
  'reauthentication-required': 401,
  'insufficient-user-authentication': 401,
  'step-up-required': 403,
  'not-permitted': 403,
  'invalid-token': 401,
  'origin-not-allowed': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'too-large': 413,
  'unsupported-media-type': 415,
  'too-many-attempts': 429,
  'internal-error': 500,
  overloaded: 503,
  'sso-unavailable': 503,
  unavailable: 503,
} satisfies Record<ProblemCode, number>;

const codes = Object.keys(PROBLEMS) as ProblemCode[];

describe('the table of problem codes', () => {
  it('gives every code of the protocol its status, and knows no other', () => {
    const statuses = Object.fromEntries(codes.map((code) => [code, PROBLEMS[code].status]));
    expect(statuses).toEqual(STATUS_BY_CODE);
  });

  it('accepts no inherited property name as a code', () => {
    for (const name of ['toString', 'constructor', '__proto__']) {
      expect(v.is(Problem, { ...problem('not-found'), code: name })).toBe(false);
    }
  });

  it.each(codes)('gives %s a title of one sentence that no other code has', (code) => {
    const { title } = PROBLEMS[code];
    expect(title).toMatch(/^[A-Z].+\.$/);
    expect(codes.filter((other) => PROBLEMS[other].title === title)).toEqual([code]);
  });

  it('has a title for wrong passwords that does not reveal whether the account exists', () => {
    expect(PROBLEMS['invalid-credentials'].title).toBe('The username or the password is wrong.');
  });
});

describe('the body of an error response', () => {
  it.each(codes)('has type, title, status and code for %s, and nothing else', (code) => {
    const body = problem(code);
    expect(body).toEqual({ type: `urn:problem-type:samesite-sso:${code}`, ...PROBLEMS[code], code });
    expect(v.is(Problem, body)).toBe(true);
  });

  it('may repeat Retry-After, which a page cannot read across origins', () => {
    const body = { ...problem('too-many-attempts'), retryAfterSeconds: 17 };
    expect(v.is(Problem, body)).toBe(true);
  });

  it('may say what the person should change', () => {
    const body = { ...problem('unfit-password'), detail: 'It is shorter than 15 characters.' };
    expect(v.is(Problem, body)).toBe(true);
  });

  it.each([0, -1, 1.5, '17'])('is malformed with %j as retryAfterSeconds', (retryAfterSeconds) => {
    expect(v.is(Problem, { ...problem('overloaded'), retryAfterSeconds })).toBe(false);
  });

  it('is malformed with an unknown member', () => {
    expect(v.is(Problem, { ...problem('not-found'), reason: 'a reason' })).toBe(false);
  });
});
