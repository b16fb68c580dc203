import { describe, expect, it } from 'vitest';
import type { Overview } from '../../src/account-page/schemas.ts';
import { type AccountState, nothingKnown, type Trouble, withEvent } from './account-state.ts';

const signedIn = (id: string): Overview => ({
  status: 'signed in',
  account: { id, username: id, displayName: id },
  sessions: [],
  sessionCount: 1,
});
const SIGNED_OUT: Overview = { status: 'signed out' };
const TROUBLE: Trouble = { words: 'No answer.', whatHolds: 'Nothing.', tryAgain: async () => {} };

const after = (...events: Parameters<typeof withEvent>[1][]): AccountState =>
  events.reduce(withEvent, nothingKnown);
const looked = (overview: Overview) => ({ event: 'looked', overview }) as const;

describe('what the page knows', () => {
  it('is nothing at first, and who is signed in after a look', () => {
    expect(nothingKnown.overview).toBeNull();
    expect(after(looked(signedIn('ada'))).overview).toEqual(signedIn('ada'));
  });

  it('is not that a session ended where none was seen', () => {
    expect(after(looked(SIGNED_OUT)).ended).toBeNull();
  });

  it('is that a session ended elsewhere, and goes on being that', () => {
    expect(after(looked(signedIn('ada')), looked(SIGNED_OUT), looked(SIGNED_OUT)).ended).toBe('elsewhere');
  });

  it('is that a session ended here, and goes on being that', () => {
    const state = after(looked(signedIn('ada')), { event: 'signed out' }, looked(SIGNED_OUT));
    expect(state).toEqual({ ...nothingKnown, overview: SIGNED_OUT, ended: 'here' });
  });

  it('is what was done, while the same person is looked at', () => {
    const done = { event: 'done', words: 'Ended.' } as const;
    expect(after(looked(signedIn('ada')), done, looked(signedIn('ada'))).done).toBe('Ended.');
    expect(after(looked(signedIn('ada')), done, looked(signedIn('grace'))).done).toBeNull();
  });

  it('stays what it was while something is in the way, until a look succeeds', () => {
    const failed = after(looked(signedIn('ada')), { event: 'failed', trouble: TROUBLE });
    expect(failed).toMatchObject({ overview: signedIn('ada'), trouble: TROUBLE });
    expect(withEvent(failed, looked(signedIn('ada'))).trouble).toBeNull();
  });

  it('may be out of date when a look fails, unless nothing is shown yet', () => {
    const sawNothing = { event: 'saw nothing', words: 'No answer.', tryAgain: TROUBLE.tryAgain } as const;
    const whatHolds = (...events: Parameters<typeof after>) =>
      after(...events, sawNothing).trouble?.whatHolds;
    expect(whatHolds()).toBe('Nothing is lost. Try again in a moment.');
    expect(whatHolds(looked(signedIn('ada')))).toBe('What is shown here may be out of date.');
    expect(whatHolds(looked(SIGNED_OUT))).toBe('What is shown here may be out of date.');
    expect(whatHolds(looked(signedIn('ada')), { event: 'forgotten' })).toMatch(/^Nothing is lost/);
  });

  it('is whom the page showed before somebody else, also after a while in which nobody was signed in', () => {
    const { account: ada } = signedIn('ada') as { account: unknown };
    const replaced = after(looked(signedIn('ada')), looked(signedIn('grace')));
    expect(replaced.replaced).toEqual(ada);
    expect(withEvent(replaced, looked(signedIn('grace'))).replaced, 'one look later').toEqual(ada);
    expect(after(looked(signedIn('ada')), looked(SIGNED_OUT), looked(signedIn('grace'))).replaced).toEqual(
      ada,
    );
    expect(after(looked(signedIn('ada')), looked(SIGNED_OUT), looked(signedIn('ada'))).replaced).toBeNull();
  });

  it('tells of no replaced person after a sign-out or a sign-in on this page', () => {
    const { replaced: afterSignOut } = after(
      looked(signedIn('ada')),
      { event: 'signed out' },
      looked(signedIn('grace')),
    );
    expect(afterSignOut).toBeNull();
    const { replaced: afterSignIn } = after(
      looked(signedIn('ada')),
      looked(SIGNED_OUT),
      { event: 'signed in here' },
      looked(signedIn('grace')),
    );
    expect(afterSignIn).toBeNull();
  });

  it('is that cookies are blocked, until a look succeeds', () => {
    const blocked = after({ event: 'cookies blocked' });
    expect(blocked).toEqual({ ...nothingKnown, cookiesBlocked: true });
    expect(withEvent(blocked, looked(SIGNED_OUT)).cookiesBlocked).toBe(false);
  });

  it('is nothing again once it is forgotten', () => {
    expect(after(looked(signedIn('ada')), { event: 'forgotten' })).toEqual(nothingKnown);
  });
});
