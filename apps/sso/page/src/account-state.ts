/** What the page knows of the person, after one look after another. Pure. */

import type { Account } from '@samesite-sso/protocol';
import type { Overview } from '../../src/account-page/schemas.ts';

export interface AccountState {
  /** Null while nobody has answered. */
  overview: Overview | null;
  /** Whether the browser blocks this page's cookies, so that nobody can sign in. */
  cookiesBlocked: boolean;
  /** The account that this page showed last, unless its person signed out here. */
  lastShown: Account | null;
  /** The account that this page showed before another person signed in elsewhere in this browser. */
  replaced: Account | null;
  /** How a session that this page showed came to its end. */
  ended: 'here' | 'elsewhere' | null;
  /** What came to nothing last, until something succeeds. */
  trouble: Trouble | null;
  /** What was just done, in words. */
  done: string | null;
}

export interface Trouble {
  words: string;
  /** What is true all the same, or may be. */
  whatHolds: string;
  tryAgain: () => Promise<void>;
}

export type AccountEvent =
  | { event: 'looked'; overview: Overview }
  | { event: 'cookies blocked' }
  | { event: 'signed in here' }
  | { event: 'signed out' }
  | { event: 'done'; words: string }
  | { event: 'failed'; trouble: Trouble }
  | { event: 'saw nothing'; words: string; tryAgain: Trouble['tryAgain'] }
  | { event: 'forgotten' };

const NOTHING_LOST = 'Nothing is lost. Try again in a moment.';
const MAYBE_OUTDATED = 'What is shown here may be out of date.';

export const nothingKnown: AccountState = {
  overview: null,
  cookiesBlocked: false,
  lastShown: null,
  replaced: null,
  ended: null,
  trouble: null,
  done: null,
};

export function withEvent(state: AccountState, event: AccountEvent): AccountState {
  switch (event.event) {
    case 'looked':
      return { ...afterLook(state, event.overview), trouble: null };
    case 'cookies blocked':
      return { ...nothingKnown, cookiesBlocked: true };
    case 'signed in here':
      // A person who has just typed a password here needs no notice about the change of account.
      return { ...state, lastShown: null };
    case 'signed out':
      return { ...nothingKnown, overview: { status: 'signed out' }, ended: 'here' };
    case 'done':
      return { ...state, trouble: null, done: event.words };
    case 'failed':
      return { ...state, trouble: event.trouble, done: null };
    case 'saw nothing': {
      const { words, tryAgain } = event;
      // Where nothing is shown yet, nothing can be out of date.
      const whatHolds = state.overview === null ? NOTHING_LOST : MAYBE_OUTDATED;
      return { ...state, trouble: { words, whatHolds, tryAgain }, done: null };
    }
    case 'forgotten':
      return nothingKnown;
  }
}

function afterLook(before: AccountState, overview: Overview): AccountState {
  const { overview: shown, lastShown } = before;
  if (overview.status === 'signed out') {
    const ended = shown?.status === 'signed in' ? 'elsewhere' : before.ended;
    return { ...nothingKnown, overview, ended, lastShown };
  }
  const { account } = overview;
  const known = { ...nothingKnown, overview, lastShown: account };
  if (lastShown?.id !== account.id) return { ...known, replaced: lastShown };
  return { ...known, replaced: before.replaced, done: before.done };
}
