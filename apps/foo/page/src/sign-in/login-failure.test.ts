import { describe, expect, it } from 'vitest';
import { loginFailure } from './login-failure.ts';

const account = { id: '1', username: 'grace', displayName: 'Grace Hopper' };

describe('what the form says of a login', () => {
  it('is nothing when it ended signed in', () => {
    expect(loginFailure({ status: 'signed in', account })).toBeNull();
  });

  it('is that somebody else was quicker, when it ended with a question to them', () => {
    expect(loginFailure({ status: 'confirmation wanted', account })).toEqual({
      words: 'Somebody else has signed in on this site meanwhile. Sign in again.',
      waitUntil: null,
      isSilence: false,
    });
  });

  it('is how long to wait after too many attempts, and only then', () => {
    const refused = { status: 'refused', step: 5, retryAfterSeconds: 60 } as const;
    const before = Date.now();
    expect(loginFailure({ ...refused, code: 'too-many-attempts' })?.waitUntil).toBeGreaterThanOrEqual(
      before + 60_000,
    );
    expect(loginFailure({ ...refused, code: 'overloaded' })?.waitUntil).toBeNull();
  });

  it('is that it can be sent again as it is, when nobody answered', () => {
    expect(loginFailure({ status: 'app unreachable' })?.isSilence).toBe(true);
    expect(loginFailure({ status: 'SSO service unreachable' })?.isSilence).toBe(true);
    expect(loginFailure({ status: 'password wanted' })?.isSilence).toBe(false);
  });

  it('is that cookies are blocked and what to do, when the browser kept none', () => {
    const failure = loginFailure({ status: 'cookies blocked' });
    expect(failure?.words).toMatch(/^This browser blocks cookies for this site\. .*Allow cookies.*reload/);
    expect(failure).toMatchObject({ waitUntil: null, isSilence: false });
  });
});
