/** What the page shows after successive events. Pure. */
import type { Account } from '@samesite-sso/protocol';
import type { Overview } from '../../src/account-page/schemas.ts';

export interface AccountState {
  /** Null before the first response. */
  overview: Overview | null;
  areCookiesBlocked: boolean;
  /** The account that this page showed last, unless there was a sign-out on this page. */
  lastShown: Account | null;
  /** The account that this page showed before another person signed in on this browser. */
  previousAccount: Account | null;
  /** How the session of this page ended: by a sign-out on this page, or in any other way. */
  sessionEnded: 'here' | 'elsewhere' | null;
  /** The last failure, until something succeeds. */
  error: ActionError | null;
  /** A message about the last action. */
  done: string | null;
}

export interface ActionError {
  message: string;
  /** What the failure means for the person. */
  consequence: string;
  tryAgain: () => Promise<void>;
}

export type AccountEvent =
  | { type: 'overview-loaded'; overview: Overview }
  | { type: 'overview-failed'; message: string; tryAgain: ActionError['tryAgain'] }
  | { type: 'cookies-blocked' }
  | { type: 'signed-in' }
  | { type: 'signed-out' }
  | { type: 'action-done'; message: string }
  | { type: 'action-failed'; error: ActionError }
  | { type: 'reset' };

export const initialState: AccountState = {
  overview: null,
  areCookiesBlocked: false,
  lastShown: null,
  previousAccount: null,
  sessionEnded: null,
  error: null,
  done: null,
};

export function withEvent(state: AccountState, event: AccountEvent): AccountState {
  switch (event.type) {
    case 'overview-loaded':
      return { ...withOverview(state, event.overview), error: null };
    case 'overview-failed': {
      const { message, tryAgain } = event;
      const consequence =
        state.overview === null ? 'Try again in a moment.' : 'What you see here may be out of date.';
      return { ...state, error: { message, consequence, tryAgain }, done: null };
    }
    case 'cookies-blocked':
      return { ...initialState, areCookiesBlocked: true };
    case 'signed-in':
      // A person who has signed in on this page has chosen the account, and needs no notice.
      return { ...state, lastShown: null };
    case 'signed-out':
      return { ...initialState, overview: { status: 'signed out' }, sessionEnded: 'here' };
    case 'action-done':
      return { ...state, error: null, done: event.message };
    case 'action-failed':
      return { ...state, error: event.error, done: null };
    case 'reset':
      return initialState;
  }
}

function withOverview(state: AccountState, overview: Overview): AccountState {
  const { overview: earlier, lastShown } = state;
  if (overview.status === 'signed out') {
    const sessionEnded = earlier?.status === 'signed in' ? 'elsewhere' : state.sessionEnded;
    return { ...initialState, overview, sessionEnded, lastShown };
  }
  const { account } = overview;
  const next = { ...initialState, overview, lastShown: account };
  if (lastShown?.id !== account.id) return { ...next, previousAccount: lastShown };
  return { ...next, previousAccount: state.previousAccount, done: state.done };
}
