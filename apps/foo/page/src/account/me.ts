/** `GET /api/me`, the app's example of a protected route, fetched again after each flow. */
import type { Account } from '@samesite-sso/react';
import { useEffect, useState } from 'react';
import { fetchFromApp } from './fetch-from-app.ts';

interface Me {
  account: Account;
  /** ISO 8601, by the server's clock. */
  session: { startedAt: string; endsAt: string };
}

export type MeResult =
  /** `sessionEndsAtMs` is in milliseconds since the epoch, by this browser's clock. */
  { status: 'ok'; me: Me; sessionEndsAtMs: number } | { status: 'failed'; message: string };

/**
 * Clocks that differ by less count as equal: the `Date` header has whole seconds and takes time to arrive.
 */
const CLOCK_TOLERANCE_MS = 2500;

/** @param account a new object after each flow that succeeds */
export function useMe(account: Account) {
  const [result, setResult] = useState<MeResult | null>(null);
  const [sessionEndsAtMs, setSessionEndsAtMs] = useState<number | null>(null);

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

  return { result, sessionEndsAtMs };
}

async function fetchMe(signal: AbortSignal): Promise<MeResult> {
  const response = await fetchFromApp<Me>('/api/me', signal);
  if (response.status === 'ok') {
    const { body: me, headers } = response;
    return { status: 'ok', me, sessionEndsAtMs: toBrowserClock(me.session.endsAt, headers.get('Date')) };
  }
  // The flow, which has just succeeded, says otherwise.
  const isSignedOut = response.status === 'signed-out';
  return {
    status: 'failed',
    message: isSignedOut ? 'This app says that you aren’t signed in.' : response.message,
  };
}

/**
 * Converts a time from the server's clock to this browser's clock, which may be wrong.
 *
 * @param serverNow the response's `Date` header
 */
export function toBrowserClock(time: string, serverNow: string | null, nowMs = Date.now()): number {
  const aheadMs = serverNow === null ? 0 : nowMs - Date.parse(serverNow);
  return Date.parse(time) + (Math.abs(aheadMs) < CLOCK_TOLERANCE_MS ? 0 : aheadMs);
}
