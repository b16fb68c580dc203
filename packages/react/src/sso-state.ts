/**
 * What successive flows mean for the page: who is signed in, what failed last, and the latest report of each
 * step. Pure.
 */
import type { Account, Factor, Outcome, Step, StepReport } from '@samesite-sso/browser';

/** The outcomes that say whose SSO session it is, and that there is no app session yet. */
type NotSignedInHere = 'confirmation-required' | 'step-up-required' | 'not-permitted';

/** A failure that lasts until a flow succeeds. Flows that begin with step 5 return theirs instead. */
export interface SsoFailure {
  during: 'sign-in' | 'sign-out';
  outcome: Exclude<Outcome, { status: 'signed-in' | 'signed-out' | 'another-account' | NotSignedInHere }>;
}

interface Fields {
  /** Who is signed in, or who has to confirm or to step up, or isn't permitted. */
  account: Account | null;
  /** The account that this page showed before another person signed in on this browser. */
  previousAccount: Account | null;
  /**
   * How the session of this page ended: by `signOut` on this page, by a step-up with the passkey of another
   * account, or in any other way.
   */
  sessionEnded: 'here' | 'another-account' | 'elsewhere' | null;
  error: SsoFailure | null;
  /** The factors with which the person can step up. */
  methods: Factor[] | null;
}

/** A status with the fields that it uses. The others are null, so that all can be destructured. */
type State<Status extends string, Used extends Partial<Fields>> = { status: Status } & Used & {
    [Unused in Exclude<keyof Fields, keyof Used>]: null;
  };

export type SsoState =
  /** No response yet. */
  | State<'loading', object>
  /** The page can't tell who is signed in, because a server failed or the browser blocks cookies. */
  | State<'unavailable', { error: SsoFailure }>
  | State<'signed-out', Pick<Fields, 'sessionEnded' | 'error'>>
  /** This account has an SSO session. Ask the person whether to sign in with it here. */
  | State<'confirmation-required', { account: Account; error: SsoFailure | null }>
  /** This account has an SSO session, but the app requires two factors. Ask for them, then call `stepUp`. */
  | State<'step-up-required', { account: Account; methods: Factor[]; error: SsoFailure | null }>
  /** This account has an SSO session, but isn't permitted to use the app. */
  | State<'not-permitted', { account: Account; error: SsoFailure | null }>
  | State<'signed-in', { account: Account; previousAccount: Account | null; error: SsoFailure | null }>;

/** `sign-in` is steps 1 to 4, started by the page or by `watch`; `login` is steps 5, 3 and 4. */
export type Flow = 'sign-in' | 'login' | 'step-up' | 'sign-out';

export interface FlowHistory {
  state: SsoState;
  /** The account that this page showed last; null if a change to another one needs no notice. */
  lastShown: Account | null;
}

const UNUSED = { account: null, previousAccount: null, sessionEnded: null, error: null, methods: null };

export const initialHistory: FlowHistory = { state: { ...UNUSED, status: 'loading' }, lastShown: null };

/** An outcome that says nothing about the app session leaves it as it was. */
export function withOutcome(
  history: FlowHistory,
  event: { flow: Flow; outcome: Outcome } | 'reset',
): FlowHistory {
  if (event === 'reset') return initialHistory;
  const { flow, outcome } = event;
  const { state, lastShown } = history;
  // A person who is still signed in after a failed sign-out has to see that it failed.
  const error = flow === 'sign-in' && state.error?.during === 'sign-out' ? state.error : null;
  switch (outcome.status) {
    case 'signed-in': {
      const { account } = outcome;
      const previous = lastShown?.id === account.id ? state.previousAccount : lastShown;
      // A person who has just signed in has chosen the account. One who steps up expects the same account.
      const previousAccount = flow === 'sign-in' || flow === 'step-up' ? previous : null;
      const signedIn = { ...UNUSED, status: 'signed-in', account, previousAccount } as const;
      // After a pending sign-out, only a new SSO session can sign a person in here: the old one has ended.
      const isOver = error?.outcome.status === 'sign-out-pending';
      return { state: { ...signedIn, error: isOver ? null : error }, lastShown: account };
    }
    case 'confirmation-required':
    case 'step-up-required':
    case 'not-permitted':
      return { state: { ...UNUSED, ...outcome, error }, lastShown: null };
    case 'signed-out':
      return {
        state: { ...UNUSED, status: 'signed-out', sessionEnded: howSessionEnded(state, flow) },
        lastShown: flow === 'sign-out' ? null : lastShown,
      };
    case 'another-account':
      return {
        state: { ...UNUSED, status: 'signed-out', sessionEnded: 'another-account' },
        lastShown: null,
      };
    case 'sign-out-pending': {
      const error: SsoFailure = { during: 'sign-out', outcome };
      return { state: { ...UNUSED, status: 'signed-out', sessionEnded: 'here', error }, lastShown: null };
    }
    default:
      if (flow === 'login' || flow === 'step-up') return history;
      return { state: withError(state, { during: flow, outcome }), lastShown };
  }
}

function howSessionEnded({ status, sessionEnded, error }: SsoState, flow: Flow): SsoState['sessionEnded'] {
  if (status === 'signed-out') return sessionEnded;
  if (status === 'loading' || status === 'unavailable') return null;
  // A sign-out that failed at first and was finished later is still this page's own.
  return flow === 'sign-out' || error?.during === 'sign-out' ? 'here' : 'elsewhere';
}

function withError(state: SsoState, error: SsoFailure): SsoState {
  const isUnknown = state.status === 'loading' || state.status === 'unavailable';
  const isSignedOut = state.status === 'signed-in' && error.during === 'sign-in' && provesSignedOut(error);
  if (isUnknown || isSignedOut) return { ...UNUSED, status: 'unavailable', error };
  return isExplainedBy(state.error, error) ? state : { ...state, error };
}

/** The browser blocks cookies, or step 1 succeeded and said that there is no app session. */
function provesSignedOut({ outcome }: SsoFailure): boolean {
  if (outcome.status === 'refused') return outcome.step !== 1 && outcome.step !== 'sign-out';
  return outcome.status === 'cookies-blocked' || outcome.status === 'sso-unreachable';
}

/**
 * While a sign-out is pending, the SSO service may be down, and the app refuses tokens of that SSO session.
 */
function isExplainedBy(earlier: SsoFailure | null, { outcome }: SsoFailure): boolean {
  if (earlier?.outcome.status !== 'sign-out-pending') return false;
  if (outcome.status === 'refused') return outcome.code === 'invalid-token';
  return outcome.status === 'sso-unreachable';
}

/** A step that is absent hasn't been reached. */
export type StepReports = Partial<Record<Step, StepReport>>;

/** The order in time: step 5, where it is needed, comes before 3. */
export const STEP_ORDER: readonly Step[] = [1, 2, 5, 3, 4];

/** A pending step starts a new flow from there: the reports of the steps after it belong to an older one. */
export function withReport(reports: StepReports, report: StepReport | 'reset'): StepReports {
  if (report === 'reset') return {};
  const next = { ...reports, [report.step]: report };
  if (report.state === 'pending') {
    for (const later of STEP_ORDER.slice(STEP_ORDER.indexOf(report.step) + 1)) delete next[later];
  }
  return next;
}
