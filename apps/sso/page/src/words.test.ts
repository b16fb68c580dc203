import { type ProblemCode, problem } from '@samesite-sso/protocol';
import { expect, it } from 'vitest';
import { failureOf } from './messages.ts';

const refused = (code: ProblemCode, more = {}) =>
  failureOf({ status: 'refused', problem: problem(code, more) }, 1000);

it('says what the service says, where that is meant for people', () => {
  expect(refused('wrong-password').words).toBe('The old password is wrong.');
  expect(refused('unavailable').words).toBe("The service can't access its data right now.");
});

it('says what the person can mend', () => {
  const detail = 'The new password is shorter than 15 characters.';
  expect(refused('unfit-password', { detail }).words).toBe(detail);
});

it('says to reload the page where the service understands it no longer', () => {
  expect(refused('invalid-request').words).toBe('This page is out of date. Reload it.');
});

it('says how long to wait after too many attempts, and after nothing else', () => {
  expect(refused('too-many-attempts', { retryAfterSeconds: 61 })).toEqual({
    words: 'Too many failed attempts. Try again in 2 minutes.',
    waitUntil: 62_000,
    isSilence: false,
  });
  expect(refused('overloaded', { retryAfterSeconds: 2 }).waitUntil).toBeNull();
});

it('lets a form be sent again as it is where nobody answered', () => {
  expect(failureOf({ status: 'unanswered' })).toMatchObject({ isSilence: true, waitUntil: null });
});
