/**
 * Decides when an open page checks again who is signed in: when the person returns to it, when another tab of
 * this app says so, some time after a server was unavailable, and shortly before the app session ends.
 */
import type { Flows } from './flows.ts';
import type { Outcome } from './outcome.ts';
import { isServerUnavailable, isTokenRefused } from './send-request.ts';

/** Shared by all tabs of this origin. */
const CHANNEL_NAME = 'samesite-sso';

/** The `focus` event also fires when a page opens or is shown, or when a frame in it loses focus. */
const MIN_FOCUS_INTERVAL_MS = 1000;

/**
 * How long a visible tab waits before it checks again after a server was unavailable. The wait doubles each
 * time, up to the maximum. A random addition of up to 100% keeps pages from all checking at once.
 */
const FIRST_RETRY_MS = 5000;
const MAX_RETRY_MS = 60_000;

/** The shortest time between two renewals, in case each one fails at once. */
const MIN_RENEWAL_MS = 1000;
/** Timers stop while the machine sleeps, and overflow after 24 days: check the clock at least this often. */
const MAX_TIMER_MS = 60_000;

/** Makes every other watching tab check again. The message carries no state: only the servers know it. */
export function notifyOtherTabs(pageId: number): void {
  const channel = openChannel();
  channel?.postMessage(pageId);
  channel?.close();
}

interface Watch {
  flows: Flows;
  /** Marks this page's own messages, which it ignores. */
  pageId: number;
  recheck: (isRenewal: boolean) => Promise<Outcome>;
  /** When to renew the app session, by `Date.now()`; NaN if that is unknown. */
  renewAtMs: () => number;
  onOutcome: (outcome: Outcome) => void;
}

/** @returns a function that stops it */
export function watchTab({ flows, pageId, recheck, renewAtMs, onOutcome }: Watch): () => void {
  const stopped = new AbortController();
  const { signal } = stopped;
  let isQueued = false;
  let recheckedAtMs = performance.now();
  let retryMs = FIRST_RETRY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const recheckIf = async (isNeeded: boolean, isRenewal = false) => {
    // A check that hasn't begun yet will see the same state. A page that returns from the back/forward cache
    // fires both `pageshow` and `visibilitychange`.
    if (!isNeeded || isQueued) return;
    isQueued = true;
    recheckedAtMs = performance.now();
    const outcome = await flows.run(() => {
      isQueued = false;
      return recheck(isRenewal);
    });
    if (!signal.aborted) onOutcome(outcome);
  };

  const channel = openChannel();
  if (channel) channel.onmessage = ({ data }) => recheckIf(data !== pageId);
  addEventListener('pageshow', ({ persisted }) => recheckIf(persisted), { signal });
  const isVisible = () => document.visibilityState === 'visible';
  document.addEventListener('visibilitychange', () => recheckIf(isVisible()), { signal });
  // Windows side by side are all visible. Only the focus shows which one the person uses.
  const isRecent = () => performance.now() - recheckedAtMs < MIN_FOCUS_INTERVAL_MS;
  addEventListener('focus', () => recheckIf(isVisible() && !isRecent()), { signal });
  addEventListener('online', () => recheckIf(isVisible()), { signal });

  const scheduleRenewal = () => {
    const waitMs = renewAtMs() - Date.now();
    if (Number.isNaN(waitMs)) return;
    const isDue = waitMs <= MAX_TIMER_MS;
    const onTimer = () => (isDue ? recheckIf(isVisible(), true) : scheduleRenewal());
    timer = setTimeout(onTimer, isDue ? Math.max(waitMs, MIN_RENEWAL_MS) : MAX_TIMER_MS);
  };
  const scheduleNext = (outcome: Outcome) => {
    clearTimeout(timer);
    if (!isTemporary(outcome)) {
      retryMs = FIRST_RETRY_MS;
      scheduleRenewal();
      return;
    }
    timer = setTimeout(() => recheckIf(isVisible()), retryMs * (1 + Math.random()));
    retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
  };
  scheduleRenewal();
  flows.listeners.add(scheduleNext);
  signal.addEventListener('abort', () => {
    channel?.close();
    clearTimeout(timer);
    flows.listeners.delete(scheduleNext);
  });
  return () => stopped.abort();
}

/**
 * Whether a later check may succeed: a server was unavailable, or the SSO service hasn't been notified of a
 * sign-out. Until it is notified, the app refuses tokens of that SSO session.
 */
function isTemporary(outcome: Outcome): boolean {
  return isServerUnavailable(outcome) || isTokenRefused(outcome) || outcome.status === 'sign-out-pending';
}

/** Whether the browser's back or forward button loaded this document. */
export function isBackForwardNavigation(): boolean {
  try {
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return navigation?.type === 'back_forward';
  } catch {
    return false; // Test environments lack this API.
  }
}

/** Browsers that block storage refuse the channel too. Other tabs then check again when they are shown. */
function openChannel(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(CHANNEL_NAME);
  } catch {
    return undefined;
  }
}
