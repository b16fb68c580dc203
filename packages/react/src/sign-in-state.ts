/**
 * What the outcomes of one flow after another mean for the person: who is signed in here, and what went wrong
 * last. Pure. An outcome that says nothing about the app session leaves it as it was.
 */
import type { Outcome } from '@samesite-sso/browser';

export type Account = Extract<Outcome, { status: 'signed in' }>['account'];

export type Standing =
  /** Nobody has answered yet, or those who could do not. */
  | { status: 'unknown' }
  | { status: 'signed in'; account: Account }
  /** Signed in at the SSO service, and asked whether to go on here. */
  | { status: 'confirmation wanted'; account: Account }
  /** `ended` tells how a session that this page had came to its end. */
  | { status: 'password wanted'; ended?: 'here' | 'elsewhere' };

/** A walk is steps 1 to 4, by the person's wish or not; a refused login is the form's to tell and no trouble. */
export type Flow = 'walk' | 'login' | 'sign-out';

export interface Trouble {
  flow: Exclude<Flow, 'login'>;
  outcome: Exclude<Outcome, { status: 'signed in' | 'confirmation wanted' | 'password wanted' }>;
}

export interface SignInState {
  standing: Standing;
  /** The last flow that came to nothing, until one succeeds. */
  trouble: Trouble | null;
}

export const initialState: SignInState = { standing: { status: 'unknown' }, trouble: null };

export function withOutcome(
  state: SignInState,
  news: { flow: Flow; outcome: Outcome } | 'forget',
): SignInState {
  if (news === 'forget') return initialState;
  const { flow, outcome } = news;
  const { standing, trouble } = state;
  switch (outcome.status) {
    case 'signed in':
    case 'confirmation wanted':
      // Being signed in still, here or there, is no success for somebody whose sign-out failed.
      return { standing: outcome, trouble: flow === 'walk' && trouble?.flow === 'sign-out' ? trouble : null };
    case 'password wanted':
      return { standing: passwordWanted(standing, flow), trouble: null };
    default:
      if (flow === 'login') return state;
      return {
        standing: flow === 'walk' && toldSignedOut(outcome) ? withoutAccount(standing) : standing,
        trouble: { flow, outcome },
      };
  }
}

function passwordWanted(before: Standing, flow: Flow): Standing {
  if (before.status === 'password wanted') return before;
  if (before.status === 'unknown') return { status: 'password wanted' };
  return { status: 'password wanted', ended: flow === 'sign-out' ? 'here' : 'elsewhere' };
}

/** A walk gets past step 1 only if the app said that nobody is signed in. */
function toldSignedOut(outcome: Trouble['outcome']): boolean {
  return (
    outcome.status === 'SSO service unreachable' ||
    (outcome.status === 'refused' && (outcome.step === 2 || outcome.step === 3 || outcome.step === 4))
  );
}

function withoutAccount(standing: Standing): Standing {
  return standing.status === 'signed in' ? { status: 'unknown' } : standing;
}
