/**
 * Keeps the protected answer up to date, and the app session alive while somebody looks: when it runs out, the
 * page signs in anew without a word. A tab that nobody looks at renews nothing, so that the SSO session can idle.
 */
import { useSecondsLeft } from '@samesite-sso/look';
import { type Account, useSso } from '@samesite-sso/react';
import { useEffect, useReducer, useRef, useState } from 'react';
import { askMe, type MeAnswer } from './me.ts';

/** Between two attempts to renew a session that its app takes for alive still. */
const RENEWAL_PAUSE_MS = 1000;

/** @param account as the last walk brought it: each walk that ends well asks anew */
export function useMe(account: Account) {
  const { signIn } = useSso();
  const [answer, setAnswer] = useState<MeAnswer | null>(null);
  const [sessionEnds, setSessionEnds] = useState<number | null>(null);
  const [attempt, askAgain] = useReducer((attempts: number) => attempts + 1, 0);
  const renewedInVain = useRef(false);
  const secondsLeft = useSecondsLeft(sessionEnds);
  const over = sessionEnds !== null && secondsLeft === 0;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new walk or attempt is the reason to ask
  useEffect(() => {
    const stop = new AbortController();
    void askMe(stop.signal).then((next) => {
      if (stop.signal.aborted) return;
      if (next.status === 'signed out' && !renewedInVain.current) {
        renewedInVain.current = true;
        void signIn();
        return;
      }
      renewedInVain.current = false;
      setAnswer(next);
      if (next.status === 'answered')
        setSessionEnds(Math.max(next.sessionEnds, Date.now() + RENEWAL_PAUSE_MS));
    });
    return () => stop.abort();
  }, [account, attempt, signIn]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each end calls for a renewal of its own
  useEffect(() => {
    if (over && document.visibilityState === 'visible') void signIn();
  }, [over, sessionEnds, signIn]);

  return { answer, sessionEnds, secondsLeft, askAgain };
}
