import { describe, expect, it } from 'vitest';
import type { Overview } from '../../src/account-page/schemas.ts';
import { type AccountState, type ActionError, initialState, withEvent } from './account-state.ts';

const signedIn = (id: string): Overview => ({
  status: 'signed in',
  account: { id, username: id, displayName: id },
  sessions: [],
  sessionCount: 1,
  factors: { passkeys: [], authenticator: false, recoveryCodes: 0 },
  passkeyUser: null,
  canAddAuthenticator: true,
  factorChanges: [],
});
const SIGNED_OUT: Overview = { status: 'signed out' };
const ERROR: ActionError = { message: 'No response.', consequence: 'None.', tryAgain: async () => {} };

const after = (...events: Parameters<typeof withEvent>[1][]): AccountState =>
  events.reduce(withEvent, initialState);
const loaded = (overview: Overview) => ({ type: 'overview-loaded', overview }) as const;

describe('the account page', () => {
  it('shows nothing at first, then the overview', () => {
    expect(initialState.overview).toBeNull();
    expect(after(loaded(signedIn('ada'))).overview).toEqual(signedIn('ada'));
  });

  it('doesn’t say that a session ended if it showed none', () => {
    expect(after(loaded(SIGNED_OUT)).sessionEnded).toBeNull();
  });

  it('still says that the session ended elsewhere after further loads', () => {
    expect(after(loaded(signedIn('ada')), loaded(SIGNED_OUT), loaded(SIGNED_OUT)).sessionEnded).toBe(
      'elsewhere',
    );
  });

  it('still says that the session ended here after further loads', () => {
    const state = after(loaded(signedIn('ada')), { type: 'signed-out' }, loaded(SIGNED_OUT));
    expect(state).toEqual({ ...initialState, overview: SIGNED_OUT, sessionEnded: 'here' });
  });

  it('shows what was done as long as the account is the same', () => {
    const done = { type: 'action-done', message: 'Ended.' } as const;
    expect(after(loaded(signedIn('ada')), done, loaded(signedIn('ada'))).done).toBe('Ended.');
    expect(after(loaded(signedIn('ada')), done, loaded(signedIn('grace'))).done).toBeNull();
  });

  it('keeps its content after a failure, and the error until a load succeeds', () => {
    const failed = after(loaded(signedIn('ada')), { type: 'action-failed', error: ERROR });
    expect(failed).toMatchObject({ overview: signedIn('ada'), error: ERROR });
    expect(withEvent(failed, loaded(signedIn('ada'))).error).toBeNull();
  });

  it('warns that it may be out of date after a failed load, unless it shows nothing yet', () => {
    const failed = { type: 'overview-failed', message: 'No response.', tryAgain: ERROR.tryAgain } as const;
    const consequence = (...events: Parameters<typeof after>) => after(...events, failed).error?.consequence;
    expect(consequence()).toBe('Try again in a moment.');
    expect(consequence(loaded(signedIn('ada')))).toBe('What you see here may be out of date.');
    expect(consequence(loaded(SIGNED_OUT))).toBe('What you see here may be out of date.');
    expect(consequence(loaded(signedIn('ada')), { type: 'reset' })).toMatch(/^Try again/);
  });

  it('names the account that it showed before another one, even if nobody was signed in between', () => {
    const { account: ada } = signedIn('ada') as { account: unknown };
    const changed = after(loaded(signedIn('ada')), loaded(signedIn('grace')));
    expect(changed.previousAccount).toEqual(ada);
    expect(withEvent(changed, loaded(signedIn('grace'))).previousAccount, 'after another load').toEqual(ada);
    expect(
      after(loaded(signedIn('ada')), loaded(SIGNED_OUT), loaded(signedIn('grace'))).previousAccount,
    ).toEqual(ada);
    expect(
      after(loaded(signedIn('ada')), loaded(SIGNED_OUT), loaded(signedIn('ada'))).previousAccount,
    ).toBeNull();
  });

  it('names no earlier account after a sign-out or a sign-in on this page', () => {
    const { previousAccount: afterSignOut } = after(
      loaded(signedIn('ada')),
      { type: 'signed-out' },
      loaded(signedIn('grace')),
    );
    expect(afterSignOut).toBeNull();
    const { previousAccount: afterSignIn } = after(
      loaded(signedIn('ada')),
      loaded(SIGNED_OUT),
      { type: 'signed-in' },
      loaded(signedIn('grace')),
    );
    expect(afterSignIn).toBeNull();
  });

  it('says that cookies are blocked until a load succeeds', () => {
    const blocked = after({ type: 'cookies-blocked' });
    expect(blocked).toEqual({ ...initialState, areCookiesBlocked: true });
    expect(withEvent(blocked, loaded(SIGNED_OUT)).areCookiesBlocked).toBe(false);
  });

  it('shows nothing after a reset', () => {
    expect(after(loaded(signedIn('ada')), { type: 'reset' })).toEqual(initialState);
  });
});
