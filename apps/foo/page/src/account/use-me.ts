/**
 * Keeps the protected answer and the countdown of the app session up to date. The package renews the session.
 */

import type { Account } from '@samesite-sso/react';
import { useSecondsLeft } from '@samesite-sso/ui';
import { useEffect, useState } from 'react';
import { askMe, type MeAnswer } from './me.ts';

/** @param account of the last walk: each walk that succeeds fetches the answer again */
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
