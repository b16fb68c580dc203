import { describe, expect, it } from 'vitest';
import { messageFor, PROBLEM_MESSAGES } from './messages.ts';

type Code = keyof typeof PROBLEM_MESSAGES;

const refused = (code: Code) => ({ status: 'refused', step: 5, code }) as const;

describe('the message for a failure', () => {
  it.each(Object.keys(PROBLEM_MESSAGES) as Code[])('is a whole sentence for %s, without the code', (code) => {
    const message = messageFor(refused(code));
    expect(message).toMatch(/^[A-Z].*[.?]$/);
    expect(message).not.toContain(code);
  });

  it('doesn’t reveal whether the username or the password is wrong', () => {
    expect(messageFor({ status: 'invalid-credentials' })).toBe('The username or the password is wrong.');
  });

  it('says what to do without a passkey', () => {
    for (const status of ['invalid-passkey', 'passkey-canceled', 'passkey-unavailable'] as const) {
      expect(messageFor({ status })).toMatch(/passkey.*sign in with your password\.$/i);
    }
  });

  it('says how long to wait after too many attempts', () => {
    expect(messageFor({ status: 'too-many-attempts', retryAfterSeconds: 720 })).toBe(
      'Too many failed attempts. Try again in 12 minutes.',
    );
  });

  it('names both reasons why the SSO service may be unreachable, since a page can’t tell them apart', () => {
    expect(messageFor({ status: 'sso-unreachable' })).toBe(
      'The SSO service isn’t responding, or it doesn’t know this app.',
    );
  });

  it('says that a pending sign-out is done here, may not be elsewhere, and is completed by the app', () => {
    expect(messageFor({ status: 'sign-out-pending' })).toMatch(
      /^You are signed out here\. .*may still be signed in to other apps\. This app keeps trying/,
    );
  });

  it('exists for a code that isn’t in the contract', () => {
    expect(messageFor(refused('bad-gateway' as Code))).toBe(PROBLEM_MESSAGES['internal-error']);
    expect(messageFor(refused('toString' as Code))).toBe(PROBLEM_MESSAGES['internal-error']);
  });
});
