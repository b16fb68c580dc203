import type { Outcome } from '@samesite-sso/browser';
import { describe, expect, it } from 'vitest';
import { type Flow, initialState, type SignInState, withOutcome } from './sign-in-state.ts';

const ada = { id: '1', username: 'ada', displayName: 'Ada Lovelace' };
const grace = { id: '2', username: 'grace', displayName: 'Grace Hopper' };
const signedIn: Outcome = { status: 'signed in', account: ada };
const passwordWanted: Outcome = { status: 'password wanted' };
const adaWanted: Outcome = { status: 'confirmation wanted', account: ada };
const ssoSilent: Outcome = { status: 'SSO service unreachable' };
const pending: Outcome = { status: 'sign-out pending' };
const graceIn: Outcome = { status: 'signed in', account: grace };
const appSilent: Outcome = { status: 'app unreachable' };

const after = (...flows: [Flow, Outcome][]): SignInState =>
  flows.reduce((state, [flow, outcome]) => withOutcome(state, { flow, outcome }), initialState);

describe('the sign-in state', () => {
  it('is unknown at first', () => {
    expect(initialState.standing.status).toBe('unknown');
  });

  it('follows a walk that finds somebody signed in, or nobody', () => {
    expect(after(['walk', signedIn]).standing).toEqual(signedIn);
    expect(after(['walk', passwordWanted]).standing).toEqual(passwordWanted);
  });

  it('follows a walk that finds somebody who is to be asked first, and what they say', () => {
    expect(after(['walk', adaWanted]).standing).toEqual(adaWanted);
    expect(after(['walk', adaWanted], ['walk', signedIn]).standing).toEqual(signedIn);
    expect(after(['walk', signedIn], ['walk', adaWanted]).standing).toEqual(adaWanted);
  });

  it('is unknown again once it is to be forgotten', () => {
    for (const outcome of [signedIn, adaWanted, passwordWanted, ssoSilent]) {
      expect(withOutcome(after(['walk', outcome]), 'forget')).toEqual(initialState);
    }
  });

  it('is no trouble when a login is refused: the form tells it', () => {
    const refused: Outcome = { status: 'refused', step: 5, code: 'invalid-credentials' };
    const state = after(['walk', passwordWanted]);
    expect(withOutcome(state, { flow: 'login', outcome: refused })).toBe(state);
  });

  it('tells a session that was ended here from one that ended elsewhere', () => {
    expect(after(['walk', signedIn], ['sign-out', passwordWanted]).standing).toMatchObject({ ended: 'here' });
    expect(after(['walk', signedIn], ['walk', passwordWanted]).standing).toMatchObject({
      ended: 'elsewhere',
    });
  });

  it('tells that the session of somebody who was asked has ended', () => {
    const state = after(['walk', adaWanted], ['walk', passwordWanted]);
    expect(state.standing).toEqual({ status: 'password wanted', ended: 'elsewhere' });
  });

  it('goes on asking somebody while the SSO service is silent', () => {
    expect(after(['walk', adaWanted], ['walk', ssoSilent])).toMatchObject({
      standing: adaWanted,
      trouble: { flow: 'walk', outcome: ssoSilent },
    });
  });

  it('remembers how the session ended while nobody signs in', () => {
    const state = after(['walk', signedIn], ['sign-out', passwordWanted], ['walk', passwordWanted]);
    expect(state.standing).toEqual({ status: 'password wanted', ended: 'here' });
  });

  it('keeps the person signed in while the app is silent', () => {
    expect(after(['walk', signedIn], ['walk', appSilent])).toMatchObject({
      standing: signedIn,
      trouble: { flow: 'walk', outcome: appSilent },
    });
  });

  it('keeps the person signed in when signing out fails', () => {
    expect(after(['walk', signedIn], ['sign-out', ssoSilent])).toMatchObject({
      standing: signedIn,
      trouble: { flow: 'sign-out', outcome: ssoSilent },
    });
  });

  it('shows nobody signed in when the app session ran out and the SSO service is silent', () => {
    expect(after(['walk', signedIn], ['walk', ssoSilent]).standing).toEqual({ status: 'unknown' });
  });

  it('goes on wanting a password while the SSO service is silent', () => {
    expect(after(['walk', passwordWanted], ['walk', ssoSilent]).standing).toEqual(passwordWanted);
  });

  it('forgets the trouble once a walk succeeds', () => {
    expect(after(['walk', ssoSilent], ['walk', passwordWanted]).trouble).toBeNull();
    expect(after(['walk', appSilent], ['walk', signedIn]).trouble).toBeNull();
  });

  it('goes on telling of a failed sign-out until one succeeds', () => {
    const failed = after(['walk', signedIn], ['sign-out', ssoSilent], ['walk', signedIn]);
    expect(failed.trouble).toEqual({ flow: 'sign-out', outcome: ssoSilent });
    expect(withOutcome(failed, { flow: 'walk', outcome: adaWanted }).trouble).toBe(failed.trouble);
    expect(withOutcome(failed, { flow: 'sign-out', outcome: passwordWanted }).trouble).toBeNull();
  });

  it('shows nobody signed in while the SSO service has yet to hear of a sign-out, and says so', () => {
    const state = after(['walk', signedIn], ['sign-out', pending]);
    expect(state).toMatchObject({
      standing: { status: 'password wanted', ended: 'here' },
      trouble: { flow: 'sign-out', outcome: pending },
    });
    expect(after(['walk', signedIn], ['walk', pending])).toEqual(state);
  });

  it('goes on saying so while the SSO service is silent, until it has heard or somebody signs in', () => {
    const refused: Outcome = { status: 'refused', step: 4, code: 'invalid-token' };
    const state = after(['walk', signedIn], ['sign-out', pending], ['walk', ssoSilent], ['walk', refused]);
    expect(state.trouble?.outcome).toEqual(pending);
    expect(state.standing).toEqual({ status: 'password wanted', ended: 'here' });
    for (const outcome of [passwordWanted, graceIn]) {
      expect(withOutcome(state, { flow: 'walk', outcome }).trouble).toBeNull();
    }
    expect(withOutcome(state, { flow: 'login', outcome: signedIn }).trouble).toBeNull();
  });

  it('takes a sign-out that failed at first, and was finished since, for one from here', () => {
    const state = after(['walk', signedIn], ['sign-out', appSilent], ['walk', passwordWanted]);
    expect(state.standing).toEqual({ status: 'password wanted', ended: 'here' });
    expect(state.trouble).toBeNull();
  });

  it('shows nobody signed in once the browser blocks cookies', () => {
    const blocked: Outcome = { status: 'cookies blocked' };
    expect(after(['walk', signedIn], ['walk', blocked])).toMatchObject({
      standing: { status: 'unknown' },
      trouble: { flow: 'walk', outcome: blocked },
    });
  });
});

describe('a page that shows somebody else than before', () => {
  const replaced = { ...graceIn, replaced: ada };

  it('says whom it showed, and goes on saying so', () => {
    expect(after(['walk', signedIn], ['walk', graceIn]).standing).toEqual(replaced);
    expect(after(['walk', signedIn], ['walk', graceIn], ['walk', graceIn]).standing).toEqual(replaced);
  });

  it.each([
    ['nobody answered', ssoSilent],
    ['the session ended elsewhere', passwordWanted],
  ])('says so too where %s in between', (_what, outcome) => {
    expect(after(['walk', signedIn], ['walk', outcome], ['walk', graceIn]).standing).toEqual(replaced);
  });

  it('says whom it showed when the first person returns, too', () => {
    const state = after(['walk', signedIn], ['walk', graceIn], ['walk', signedIn]);
    expect(state.standing).toEqual({ ...signedIn, replaced: grace });
  });

  it.each<[string, ...[Flow, Outcome][]]>([
    ['typed a password', ['walk', signedIn], ['login', graceIn]],
    [
      'was asked first',
      ['walk', signedIn],
      ['walk', { ...graceIn, status: 'confirmation wanted' }],
      ['walk', graceIn],
    ],
    ['came after a sign-out here', ['walk', signedIn], ['sign-out', passwordWanted], ['walk', graceIn]],
    ['came after a sign-out that is pending', ['walk', signedIn], ['sign-out', pending], ['walk', graceIn]],
    ['is the first', ['walk', graceIn]],
    ['is the same person', ['walk', graceIn], ['walk', graceIn]],
  ])('says nothing where that one %s', (_why, ...flows) => {
    expect(after(...flows).standing).toEqual(graceIn);
  });

  it('doesn’t name an account that it was told to forget', () => {
    const forgetful = withOutcome(after(['walk', signedIn]), 'forget');
    expect(withOutcome(forgetful, { flow: 'walk', outcome: graceIn }).standing).toEqual(graceIn);
  });
});
