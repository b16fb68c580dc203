import { type ProblemCode, problem } from '@samesite-sso/protocol';
import { expect, it } from 'vitest';
import { failureOf } from './failure-messages.ts';

const refused = (code: ProblemCode, more = {}) =>
  failureOf({ status: 'refused', problem: { ...problem(code), ...more } }, { nowMs: 1000 });

it('the account page shows the title of a problem that is meant for people', () => {
  expect(refused('wrong-password').message).toBe('The old password is wrong.');
  expect(refused('unavailable').message).toBe("The service can't access its data right now.");
});

it('the account page shows the detail of a problem', () => {
  const detail = 'The new password is shorter than 15 characters.';
  expect(refused('unfit-password', { detail }).message).toBe(detail);
});

it('the account page asks to be reloaded if it is too old for the service', () => {
  expect(refused('invalid-request').message).toBe('This page is out of date. Reload it.');
});

it('the account page says how long to wait after too many attempts, and imposes no other wait', () => {
  expect(refused('too-many-attempts', { retryAfterSeconds: 61 })).toEqual({
    message: 'Too many failed attempts. Try again in 2 minutes.',
    retryAtMs: 62_000,
    isUnanswered: false,
  });
  expect(refused('overloaded', { retryAfterSeconds: 2 }).retryAtMs).toBeNull();
});

it('a form can be sent again unchanged if the service didn’t respond', () => {
  expect(failureOf({ status: 'unanswered' })).toMatchObject({ isUnanswered: true, retryAtMs: null });
});

it('the account page asks for a code, and says beside its field that one was wrong', () => {
  expect(refused('second-factor-required').code).toBe('required');
  expect(refused('invalid-code')).toMatchObject({
    message: 'The code is wrong or has already been used. Enter another one.',
    code: 'wrong',
  });
  expect(refused('invalid-credentials').code).toBeUndefined();
});
