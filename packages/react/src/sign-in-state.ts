/**
 * What the outcomes of one flow after another mean for the person: who is signed in here, and what went wrong
 * last. Pure. An outcome that says nothing about the app session leaves it as it was.
 */
import type { Outcome } from '@samesite-sso/browser';

export type Account = Extract<Outcome, { status: 'signed in' }>['account'];

export type Standing =
  /** Nobody has answered yet, or those who could do not. */
  | { status: 'unknown' }
  /** `replaced`: the account that this page showed before another person signed in on this browser. */
  | { status: 'signed in'; account: Account; replaced?: Account }
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
  /** The account that this page showed last, while a change to another one is still worth a notice. */
  shown: Account | null;
  /** The last flow that came to nothing, until one succeeds. */
  trouble: Trouble | null;
}

export const initialState: SignInState = { standing: { status: 'unknown' }, shown: null, trouble: null };

export function withOutcome(
  state: SignInState,
  news: { flow: Flow; outcome: Outcome } | 'forget',
): SignInState {
  if (news === 'forget') return initialState;
  const { flow, outcome } = news;
  const { standing, shown, trouble } = state;
  // After a failed sign-out, being signed in still isn't a success: keep the failure.
  const still = flow === 'walk' && trouble?.flow === 'sign-out' ? trouble : null;
  switch (outcome.status) {
    case 'signed in':
      return {
        standing: signedIn(state, flow, outcome.account),
        shown: outcome.account,
        // After a pending sign-out, only another SSO session can sign a person in here.
        trouble: still?.outcome.status === 'sign-out pending' ? null : still,
      };
    case 'confirmation wanted':
      return { standing: outcome, shown: null, trouble: still };
    case 'password wanted':
      return {
        standing: passwordWanted(state, flow),
        shown: flow === 'sign-out' ? null : shown,
        trouble: null,
      };
    case 'sign-out pending':
      return {
        standing: { status: 'password wanted', ended: 'here' },
        shown: null,
        trouble: { flow: 'sign-out', outcome },
      };
    default:
      if (flow === 'login') return state;
      return {
        standing: flow === 'walk' && toldSignedOut(outcome) ? withoutAccount(standing) : standing,
        shown,
        trouble: isSameNews(trouble, outcome) ? trouble : { flow, outcome },
      };
  }
}

/** No notice after a password or a confirmation: that person has just chosen the account. */
function signedIn({ standing, shown }: SignInState, flow: Flow, account: Account): Standing {
  const earlier = standing.status === 'signed in' ? standing.replaced : null;
  const replaced = shown?.id === account.id ? earlier : shown;
  return { status: 'signed in', account, ...(flow === 'walk' && replaced && { replaced }) };
}

/** A pending sign-out already explains an SSO service that is silent, or an app that refuses its session. */
function isSameNews(trouble: Trouble | null, outcome: Trouble['outcome']): boolean {
  if (trouble?.outcome.status !== 'sign-out pending') return false;
  if (outcome.status === 'refused') return outcome.code === 'invalid-token';
  return outcome.status === 'SSO service unreachable';
}

function passwordWanted({ standing, trouble }: SignInState, flow: Flow): Standing {
  if (standing.status === 'password wanted') return standing;
  if (standing.status === 'unknown') return { status: 'password wanted' };
  // A sign-out that failed at first and was finished later is still the person's own.
  const isOwn = flow === 'sign-out' || trouble?.flow === 'sign-out';
  return { status: 'password wanted', ended: isOwn ? 'here' : 'elsewhere' };
}

/** The browser blocks cookies now, or the walk got past step 1: the app said that nobody is signed in. */
function toldSignedOut(outcome: Trouble['outcome']): boolean {
  return (
    outcome.status === 'cookies blocked' ||
    outcome.status === 'SSO service unreachable' ||
    (outcome.status === 'refused' && (outcome.step === 2 || outcome.step === 3 || outcome.step === 4))
  );
}

function withoutAccount(standing: Standing): Standing {
  return standing.status === 'signed in' ? { status: 'unknown' } : standing;
}
