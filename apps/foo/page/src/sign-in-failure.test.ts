import { describe, expect, it } from 'vitest';
import { signInFailure } from './messages.ts';

const account = { id: '1', username: 'grace', displayName: 'Grace Hopper' };

describe('the form', () => {
  it('shows no failure once the person is signed in', () => {
    expect(signInFailure({ status: 'signed-in', account })).toBeNull();
  });

  it('says that another person has signed in if a confirmation is required', () => {
    expect(signInFailure({ status: 'confirmation-required', account })).toEqual({
      message: 'Another person has signed in on this browser in the meantime. Sign in again.',
      retryAtMs: null,
      isUnanswered: false,
    });
  });

  it('imposes a wait after too many attempts, but not while the SSO service is overloaded', () => {
    const retryAfterSeconds = 60;
    const nowMs = Date.now();
    const throttled = signInFailure({ status: 'too-many-attempts', retryAfterSeconds });
    expect(throttled?.retryAtMs).toBeGreaterThanOrEqual(nowMs + 60_000);
    const overloaded = signInFailure({ status: 'refused', step: 5, code: 'overloaded', retryAfterSeconds });
    expect(overloaded?.retryAtMs).toBeNull();
  });

  it('can be sent again unchanged if no server responded', () => {
    expect(signInFailure({ status: 'app-unreachable' })?.isUnanswered).toBe(true);
    expect(signInFailure({ status: 'sso-unreachable' })?.isUnanswered).toBe(true);
    expect(signInFailure({ status: 'signed-out' })?.isUnanswered).toBe(false);
  });

  it('asks for a code, and says if it was wrong, beside the field for it', () => {
    expect(signInFailure({ status: 'second-factor-required' })?.code).toBe('required');
    expect(signInFailure({ status: 'invalid-code' })).toEqual({
      message: 'The code is wrong or has already been used. Enter another one.',
      retryAtMs: null,
      isUnanswered: false,
      code: 'wrong',
    });
    expect(signInFailure({ status: 'invalid-credentials' })?.code).toBeUndefined();
  });

  it('says that cookies are blocked and what to do about it', () => {
    const failure = signInFailure({ status: 'cookies-blocked' });
    expect(failure?.message).toMatch(/^This browser blocks cookies for this site\. .*Allow cookies.*reload/);
    expect(failure).toMatchObject({ retryAtMs: null, isUnanswered: false });
  });
});
