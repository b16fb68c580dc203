import type { Outcome } from '@samesite-sso/browser';
import { describe, expect, it } from 'vitest';
import { type Flow, type FlowHistory, initialHistory, type SsoState, withOutcome } from './sso-state.ts';

const ada = { id: '1', username: 'ada', displayName: 'Ada Lovelace' };
const grace = { id: '2', username: 'grace', displayName: 'Grace Hopper' };
const adaIn: Outcome = { status: 'signed-in', account: ada };
const graceIn: Outcome = { status: 'signed-in', account: grace };
const adaMustConfirm: Outcome = { status: 'confirmation-required', account: ada };
const adaMustStepUp: Outcome = { status: 'step-up-required', account: ada, methods: ['code'] };
const adaNotPermitted: Outcome = { status: 'not-permitted', account: ada };
const signedOut: Outcome = { status: 'signed-out' };
const ssoDown = { status: 'sso-unreachable' } as const;
const appDown = { status: 'app-unreachable' } as const;
const pending = { status: 'sign-out-pending' } as const;

const unused = { account: null, previousAccount: null, sessionEnded: null, error: null, methods: null };
const endedHere = { ...unused, status: 'signed-out', sessionEnded: 'here' };
const endedElsewhere = { ...unused, status: 'signed-out', sessionEnded: 'elsewhere' };
const pendingError = { during: 'sign-out', outcome: pending };

const historyAfter = (...flows: [Flow, Outcome][]): FlowHistory =>
  flows.reduce((history, [flow, outcome]) => withOutcome(history, { flow, outcome }), initialHistory);
const after = (...flows: [Flow, Outcome][]): SsoState => historyAfter(...flows).state;

describe('the state of the page', () => {
  it('is loading at first', () => {
    expect(initialHistory.state).toEqual({ ...unused, status: 'loading' });
  });

  it('is the outcome of a silent sign-in', () => {
    expect(after(['sign-in', adaIn])).toEqual({ ...unused, ...adaIn });
    expect(after(['sign-in', signedOut])).toEqual({ ...unused, ...signedOut });
    expect(after(['sign-in', adaMustConfirm])).toEqual({ ...unused, ...adaMustConfirm });
    expect(after(['sign-in', adaMustConfirm], ['sign-in', adaIn])).toEqual({ ...unused, ...adaIn });
    expect(after(['sign-in', adaIn], ['sign-in', adaMustConfirm])).toEqual({ ...unused, ...adaMustConfirm });
  });

  it('is unavailable, with the reason, if the first flow fails', () => {
    const error = { during: 'sign-in', outcome: ssoDown };
    expect(after(['sign-in', ssoDown])).toEqual({ ...unused, status: 'unavailable', error });
  });

  it('is loading again after a reset', () => {
    for (const outcome of [adaIn, adaMustConfirm, signedOut, ssoDown]) {
      expect(withOutcome(historyAfter(['sign-in', outcome]), 'reset')).toEqual(initialHistory);
    }
  });

  it('doesn’t change when a password is refused, since the form shows that', () => {
    const history = historyAfter(['sign-in', signedOut]);
    const outcome: Outcome = { status: 'invalid-credentials' };
    expect(withOutcome(history, { flow: 'login', outcome })).toBe(history);
  });

  it('says whether the session ended here or elsewhere', () => {
    expect(after(['sign-in', adaIn], ['sign-out', signedOut])).toEqual(endedHere);
    expect(after(['sign-in', adaIn], ['sign-in', signedOut])).toEqual(endedElsewhere);
    expect(after(['sign-in', adaMustConfirm], ['sign-in', signedOut])).toEqual(endedElsewhere);
  });

  it('says that the session ended by a step-up of another account, and names nobody', () => {
    const other: Outcome = { status: 'another-account' };
    const ended = { ...unused, status: 'signed-out', sessionEnded: 'another-account' };
    expect(after(['sign-in', adaIn], ['step-up', other])).toEqual(ended);
    expect(after(['sign-in', adaIn], ['step-up', other], ['sign-in', signedOut])).toEqual(ended);
  });

  it('still says how the session ended after further checks', () => {
    const flows: [Flow, Outcome][] = [
      ['sign-in', adaIn],
      ['sign-out', signedOut],
      ['sign-in', signedOut],
    ];
    expect(after(...flows)).toEqual(endedHere);
  });

  it('is still confirmation-required or signed-out while the SSO service is down', () => {
    const error = { during: 'sign-in', outcome: ssoDown };
    for (const outcome of [adaMustConfirm, signedOut]) {
      expect(after(['sign-in', outcome], ['sign-in', ssoDown])).toEqual({ ...unused, ...outcome, error });
    }
  });

  it('is still signed-in while the app is down', () => {
    const error = { during: 'sign-in', outcome: appDown };
    expect(after(['sign-in', adaIn], ['sign-in', appDown])).toEqual({ ...unused, ...adaIn, error });
  });

  it('is still signed-in after a sign-out failed', () => {
    const error = { during: 'sign-out', outcome: ssoDown };
    expect(after(['sign-in', adaIn], ['sign-out', ssoDown])).toEqual({ ...unused, ...adaIn, error });
  });

  it.each<Outcome>([
    ssoDown,
    { status: 'cookies-blocked' },
    { status: 'refused', step: 3, code: 'unavailable' },
  ])('is unavailable once the app session has ended and the SSO session can’t be found: %j', (outcome) => {
    const error = { during: 'sign-in', outcome };
    expect(after(['sign-in', adaIn], ['sign-in', outcome])).toEqual({
      ...unused,
      status: 'unavailable',
      error,
    });
  });

  it('has no error once a silent sign-in succeeds', () => {
    expect(after(['sign-in', ssoDown], ['sign-in', signedOut]).error).toBeNull();
    expect(after(['sign-in', appDown], ['sign-in', adaIn]).error).toBeNull();
  });

  it('keeps the error of a failed sign-out until one succeeds', () => {
    const failed = historyAfter(['sign-in', adaIn], ['sign-out', ssoDown], ['sign-in', adaIn]);
    const { error } = failed.state;
    expect(error).toEqual({ during: 'sign-out', outcome: ssoDown });
    expect(withOutcome(failed, { flow: 'sign-in', outcome: adaMustConfirm }).state.error).toBe(error);
    expect(withOutcome(failed, { flow: 'sign-out', outcome: signedOut }).state.error).toBeNull();
  });

  it('is signed-out with an error while a sign-out is pending', () => {
    const state = after(['sign-in', adaIn], ['sign-out', pending]);
    expect(state).toEqual({ ...endedHere, error: pendingError });
    expect(after(['sign-in', adaIn], ['sign-in', pending])).toEqual(state);
  });

  it('keeps the error of a pending sign-out until the SSO service is notified or a person signs in', () => {
    const refused: Outcome = { status: 'refused', step: 4, code: 'invalid-token' };
    const history = historyAfter(
      ['sign-in', adaIn],
      ['sign-out', pending],
      ['sign-in', ssoDown],
      ['sign-in', refused],
    );
    expect(history.state).toEqual({ ...endedHere, error: pendingError });
    for (const outcome of [signedOut, graceIn]) {
      expect(withOutcome(history, { flow: 'sign-in', outcome }).state.error).toBeNull();
    }
    expect(withOutcome(history, { flow: 'login', outcome: adaIn }).state.error).toBeNull();
  });

  it('counts a sign-out that failed at first and was finished later as one from here', () => {
    expect(after(['sign-in', adaIn], ['sign-out', appDown], ['sign-in', signedOut])).toEqual(endedHere);
  });
});

describe('a page whose app requires more than an SSO session', () => {
  it.each<Flow>(['sign-in', 'login', 'step-up'])(
    'shows who has to step up, and with what, or who isn’t permitted, after the flow %s',
    (flow) => {
      for (const outcome of [adaMustStepUp, adaNotPermitted]) {
        for (const before of [signedOut, adaMustConfirm, adaIn, adaMustStepUp, ssoDown]) {
          expect(after(['sign-in', before], [flow, outcome])).toEqual({ ...unused, ...outcome });
        }
      }
    },
  );

  it('is signed in after the person has stepped up', () => {
    expect(after(['sign-in', adaMustStepUp], ['step-up', adaIn])).toEqual({ ...unused, ...adaIn });
  });

  it('is still what it was, with the error, while the SSO service is down', () => {
    const error = { during: 'sign-in', outcome: ssoDown };
    for (const outcome of [adaMustStepUp, adaNotPermitted]) {
      expect(after(['sign-in', outcome], ['sign-in', ssoDown])).toEqual({ ...unused, ...outcome, error });
    }
  });
});

describe('a page where a person steps up', () => {
  it('doesn’t change when that fails, since the form shows why', () => {
    for (const before of [adaIn, adaMustStepUp]) {
      const history = historyAfter(['sign-in', before]);
      for (const outcome of [{ status: 'invalid-credentials' }, ssoDown, appDown] as const) {
        expect(withOutcome(history, { flow: 'step-up', outcome })).toBe(history);
      }
    }
  });

  it('is signed out if the session has ended meanwhile', () => {
    expect(after(['sign-in', adaIn], ['step-up', signedOut])).toEqual(endedElsewhere);
  });

  it('names the earlier account if another one answered [T-STEPUP-05]', () => {
    const graceAfterAda = { ...unused, ...graceIn, previousAccount: ada };
    expect(after(['sign-in', adaIn], ['step-up', graceIn])).toEqual(graceAfterAda);
  });
});

describe('a page that shows another account than before', () => {
  const graceAfterAda = { ...unused, ...graceIn, previousAccount: ada };

  it('names the earlier account, also after further checks [T-PAGE-06]', () => {
    expect(after(['sign-in', adaIn], ['sign-in', graceIn])).toEqual(graceAfterAda);
    expect(after(['sign-in', adaIn], ['sign-in', graceIn], ['sign-in', graceIn])).toEqual(graceAfterAda);
  });

  it.each([
    ['a server was down', ssoDown],
    ['the session ended elsewhere', signedOut],
  ])('names the earlier account also if %s in between', (_event, outcome) => {
    expect(after(['sign-in', adaIn], ['sign-in', outcome], ['sign-in', graceIn])).toEqual(graceAfterAda);
  });

  it('names the second account when the first one returns', () => {
    const flows: [Flow, Outcome][] = [
      ['sign-in', adaIn],
      ['sign-in', graceIn],
      ['sign-in', adaIn],
    ];
    expect(after(...flows)).toEqual({ ...unused, ...adaIn, previousAccount: grace });
  });

  it.each<[string, ...[Flow, Outcome][]]>([
    ['the person typed a password', ['sign-in', adaIn], ['login', graceIn]],
    [
      'the person confirmed it',
      ['sign-in', adaIn],
      ['sign-in', { status: 'confirmation-required', account: grace }],
      ['sign-in', graceIn],
    ],
    ['there was a sign-out here', ['sign-in', adaIn], ['sign-out', signedOut], ['sign-in', graceIn]],
    ['a sign-out is pending', ['sign-in', adaIn], ['sign-out', pending], ['sign-in', graceIn]],
    ['it is the first account', ['sign-in', graceIn]],
    ['it is the same account', ['sign-in', graceIn], ['sign-in', graceIn]],
  ])('names no earlier account if %s', (_reason, ...flows) => {
    expect(after(...flows)).toEqual({ ...unused, ...graceIn });
  });

  it('names no account from before a reset', () => {
    const history = withOutcome(historyAfter(['sign-in', adaIn]), 'reset');
    expect(withOutcome(history, { flow: 'sign-in', outcome: graceIn }).state.previousAccount).toBeNull();
  });
});
