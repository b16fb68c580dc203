import { describe, expect, it } from 'vitest';
import { type Failure, failureWords, REFUSAL_WORDS } from './messages.ts';

type Code = keyof typeof REFUSAL_WORDS;

const refused = (code: Code, retryAfterSeconds?: number): Failure => ({
  status: 'refused',
  step: 5,
  code,
  ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
});

describe('the words for a failure', () => {
  it.each(Object.keys(REFUSAL_WORDS) as Code[])('are whole sentences for %s, without the code', (code) => {
    const words = failureWords(refused(code));
    expect(words).toMatch(/^[A-Z].*[.?]$/);
    expect(words).not.toContain(code);
  });

  it('do not tell which of username and password is wrong', () => {
    expect(failureWords(refused('invalid-credentials'))).toBe('The username or the password is wrong.');
  });

  it('say how long to wait after too many attempts', () => {
    expect(failureWords(refused('too-many-attempts', 720))).toBe(
      'Too many failed attempts. Try again in 12 minutes.',
    );
  });

  it('name both reasons why the SSO service may be silent: a page cannot tell them apart', () => {
    expect(failureWords({ status: 'SSO service unreachable' })).toBe(
      'The SSO service does not answer, or it does not know this app.',
    );
  });

  it('say of a pending sign-out what is done, what may not be, and who goes on with it', () => {
    expect(failureWords({ status: 'sign-out pending' })).toMatch(
      /^You are signed out here\. .*may still be signed in at other apps\. This app keeps trying/,
    );
  });

  it('exist for a refusal that is not of the contract', () => {
    expect(failureWords(refused('bad-gateway' as Code))).toBe(REFUSAL_WORDS['internal-error']);
    expect(failureWords(refused('toString' as Code))).toBe(REFUSAL_WORDS['internal-error']);
  });
});
