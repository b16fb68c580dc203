/**
 * Keeps the protected answer, and the seconds until the app session ends, up to date. Renewing it is the
 * package's.
 */
import { useSecondsLeft } from '@samesite-sso/look';
import type { Account } from '@samesite-sso/react';
import { useEffect, useState } from 'react';
import { askMe, type MeAnswer } from './me.ts';

/** @param account as the last walk brought it: each walk that ends well asks anew */
export function useMe(account: Account) {
  const [answer, setAnswer] = useState<MeAnswer | null>(null);
  const [sessionEnds, setSessionEnds] = useState<number | null>(null);
  const secondsLeft = useSecondsLeft(sessionEnds);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new walk is the reason to ask
  useEffect(() => {
    const stop = new AbortController();
    void askMe(stop.signal).then((next) => {
      if (stop.signal.aborted) return;
      setAnswer(next);
      if (next.status === 'answered') setSessionEnds(next.sessionEnds);
    });
    return () => stop.abort();
  }, [account]);

  return { answer, sessionEnds, secondsLeft };
}
