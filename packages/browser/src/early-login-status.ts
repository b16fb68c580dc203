/**
 * Step 2, sent at the same time as step 1, which saves a round trip if there is no app session. If there
 * probably is one, step 1 is sent alone: step 2 counts as use of the SSO session, and a page that only
 * reloads must not keep that session alive.
 */
import type { SessionResponse } from '@samesite-sso/protocol';
import type { StepReport } from './outcome.ts';
import type { Requests } from './requests.ts';
import { readItem, writeItem } from './storage.ts';

/**
 * If the last outcome on this origin was `signed-in`: when the app session is due for renewal, by
 * `Date.now()`. All tabs share it, like the app session. It names nobody. If it is wrong, a flow takes one
 * more round trip or request, and ends the same way: only the servers know who is signed in.
 */
const STORAGE_KEY = 'samesite-sso:signed-in';

/** The default lifetime of an app session, for an app whose server doesn't say how long it lasts. */
const DEFAULT_SESSION_MS = 30 * 60 * 1000;

export function isProbablySignedIn(): boolean {
  return Number(readItem(STORAGE_KEY)) > Date.now();
}

/** @param untilMs by `Date.now()`; NaN if unknown */
export function rememberSignedIn(untilMs: number): void {
  writeItem(STORAGE_KEY, String(Number.isNaN(untilMs) ? Date.now() + DEFAULT_SESSION_MS : untilMs));
}

export function forgetSignedIn(): void {
  writeItem(STORAGE_KEY, null);
}

export interface EarlyLoginStatus {
  response: Promise<SessionResponse>;
  /**
   * Reports the step as skipped, and nothing more about it. The request isn't aborted: that would close its
   * connection, and the browser would discard the preflight's response.
   */
  skip(label: string): void;
}

export function sendLoginStatusEarly(
  { fetchLoginStatus }: Requests,
  onStep: (report: StepReport) => void,
): EarlyLoginStatus {
  let latest: StepReport | undefined;
  let isSkipped = false;
  const response = fetchLoginStatus((report) => {
    latest = report;
    if (!isSkipped) onStep(report);
  });
  response.catch(() => {}); // If step 1 fails or finds a session, nothing awaits it.
  const skip = (label: string) => {
    isSkipped = true;
    if (latest) onStep({ ...latest, state: 'skipped', label });
  };
  return { response, skip };
}
