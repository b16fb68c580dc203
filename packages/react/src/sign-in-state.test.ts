import type { Outcome } from '@samesite-sso/browser';
import { describe, expect, it } from 'vitest';
import { type Flow, initialState, type SignInState, withOutcome } from './sign-in-state.ts';

const ada = { id: '1', username: 'ada', displayName: 'Ada Lovelace' };
const signedIn: Outcome = { status: 'signed in', account: ada };
const passwordWanted: Outcome = { status: 'password wanted' };
const adaWanted: Outcome = { status: 'confirmation wanted', account: ada };
const ssoSilent: Outcome = { status: 'SSO service unreachable' };
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
    expect(after(['walk', adaWanted], ['walk', ssoSilent])).toEqual({
      standing: adaWanted,
      trouble: { flow: 'walk', outcome: ssoSilent },
    });
  });

  it('remembers how the session ended while nobody signs in', () => {
    const state = after(['walk', signedIn], ['sign-out', passwordWanted], ['walk', passwordWanted]);
    expect(state.standing).toEqual({ status: 'password wanted', ended: 'here' });
  });

  it('keeps the person signed in while the app is silent', () => {
    expect(after(['walk', signedIn], ['walk', appSilent])).toEqual({
      standing: signedIn,
      trouble: { flow: 'walk', outcome: appSilent },
    });
  });

  it('keeps the person signed in when signing out fails', () => {
    expect(after(['walk', signedIn], ['sign-out', ssoSilent])).toEqual({
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
});
