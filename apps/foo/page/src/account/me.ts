/** `GET /api/me`, the app's example of a protected route, fetched again after each flow. */
import type { Account } from '@samesite-sso/react';
import { useEffect, useState } from 'react';
import { messageFor } from '../messages.ts';

interface Me {
  account: Account;
  /** ISO 8601, by the server's clock. */
  session: { startedAt: string; endsAt: string };
}

export type MeResult =
  /** `sessionEndsAtMs` is in milliseconds since the epoch, by this browser's clock. */
  | { status: 'ok'; me: Me; sessionEndsAtMs: number }
  | { status: 'signed-out' }
  | { status: 'failed'; message: string };

const REQUEST_TIMEOUT_MS = 5000;

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
  try {
    const response = await fetch('/api/me', {
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
    });
    if (response.status === 401) return { status: 'signed-out' };
    const body = await response.json();
    if (!response.ok) {
      return { status: 'failed', message: messageFor({ status: 'refused', step: 1, code: body.code }) };
    }
    const sessionEndsAtMs = toBrowserClock(body.session.endsAt, response.headers.get('Date'));
    return { status: 'ok', me: body, sessionEndsAtMs };
  } catch {
    return { status: 'failed', message: messageFor({ status: 'app-unreachable' }) };
  }
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
