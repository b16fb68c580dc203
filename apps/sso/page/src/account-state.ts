/** What the page knows of the person, after one look after another. Pure. */

import type { Overview } from '../../src/account-page/shapes.ts';

export interface AccountState {
  /** Null while nobody has answered. */
  overview: Overview | null;
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
  | { event: 'signed out' }
  | { event: 'done'; words: string }
  | { event: 'failed'; trouble: Trouble }
  | { event: 'saw nothing'; words: string; tryAgain: Trouble['tryAgain'] }
  | { event: 'forgotten' };

const NOTHING_LOST = 'Nothing is lost. Try again in a moment.';
const MAYBE_OUTDATED = 'What is shown here may be out of date.';

export const nothingKnown: AccountState = { overview: null, ended: null, trouble: null, done: null };

export function withEvent(state: AccountState, event: AccountEvent): AccountState {
  switch (event.event) {
    case 'looked':
      return { ...afterLook(state, event.overview), trouble: null };
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
  const shown = before.overview;
  if (overview.status === 'signed in') {
    const isSame = shown?.status === 'signed in' && shown.account.id === overview.account.id;
    return { ...nothingKnown, overview, done: isSame ? before.done : null };
  }
  return { ...nothingKnown, overview, ended: shown?.status === 'signed in' ? 'elsewhere' : before.ended };
}
