/** `GET /api/me`, the app's protected example: one request and its outcome. `use-me.ts` says when. */
import type { Account } from '@samesite-sso/react';
import { failureWords } from '../messages.ts';

export interface Me {
  account: Account;
  /** ISO 8601, by the server's clock. */
  session: { startedAt: string; endsAt: string };
}

export type MeAnswer =
  /** `sessionEnds` is in milliseconds since the epoch, by this browser's clock. */
  | { status: 'answered'; me: Me; sessionEnds: number }
  | { status: 'signed out' }
  | { status: 'failed'; words: string };

const PATIENCE_MS = 5000;

/** Clocks that differ by less count as equal: the `Date` header has whole seconds, and takes time. */
const CLOCK_TOLERANCE_MS = 2500;

export async function askMe(stop: AbortSignal): Promise<MeAnswer> {
  try {
    const response = await fetch('/api/me', {
      signal: AbortSignal.any([stop, AbortSignal.timeout(PATIENCE_MS)]),
    });
    if (response.status === 401) return { status: 'signed out' };
    const body = await response.json();
    if (!response.ok)
      return { status: 'failed', words: failureWords({ status: 'refused', step: 1, code: body.code }) };
    return {
      status: 'answered',
      me: body,
      sessionEnds: whenHere(body.session.endsAt, response.headers.get('Date')),
    };
  } catch {
    return { status: 'failed', words: failureWords({ status: 'app unreachable' }) };
  }
}

/**
 * When a moment of the server's clock comes by this browser's, which may be set wrong.
 *
 * @param serverTime the response's `Date` header
 */
export function whenHere(moment: string, serverTime: string | null, now = Date.now()): number {
  const ahead = serverTime === null ? 0 : now - Date.parse(serverTime);
  return Date.parse(moment) + (Math.abs(ahead) < CLOCK_TOLERANCE_MS ? 0 : ahead);
}
