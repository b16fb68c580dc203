/** Fetches the protected response again after each flow, and counts down to the end of the app session. */
import type { Account } from '@samesite-sso/react';
import { useSecondsLeft } from '@samesite-sso/ui';
import { useEffect, useState } from 'react';
import { fetchMe, type MeResult } from './me.ts';

/** @param account a new object after each flow that succeeds */
export function useMe(account: Account) {
  const [result, setResult] = useState<MeResult | null>(null);
  const [sessionEndsAtMs, setSessionEndsAtMs] = useState<number | null>(null);
  const secondsLeft = useSecondsLeft(sessionEndsAtMs);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new account object triggers a fetch
  useEffect(() => {
    const aborted = new AbortController();
    void fetchMe(aborted.signal).then((next) => {
      if (aborted.signal.aborted) return;
      setResult(next);
      if (next.status === 'ok') setSessionEndsAtMs(next.sessionEndsAtMs);
    });
    return () => aborted.abort();
  }, [account]);

  return { result, sessionEndsAtMs, secondsLeft };
}
