/**
 * When an open page asks again who is signed in: when the person returns to it, when another tab of this app
 * says so, after a pause where a server didn't answer, and shortly before the app session ends. What it asks
 * is in `sign-in.ts`.
 */
import { isServerUnavailable } from './ask.ts';
import type { Flows } from './flows.ts';
import type { Outcome } from './outcome.ts';

/** The channel that all tabs of this origin share. */
const CHANNEL_NAME = 'samesite-sso';

/**
 * A focus event this soon means nothing: one also fires when a page opens or shows, or a frame loses focus.
 */
const FRESHNESS_MS = 1000;

/**
 * How long a visible tab waits before it asks again where a server didn't answer: each time twice as long, up
 * to the maximum, and up to as much more by chance, so that pages don't ask all at once.
 */
const RETRY_MS = 5000;
const MAX_RETRY_MS = 60_000;

/** The shortest time between two renewals, in case each one fails at once. */
const MIN_RENEWAL_MS = 1000;
/** Timers stop while the machine sleeps, and overflow after 24 days: check the clock at least this often. */
const MAX_TIMER_MS = 60_000;

/** Makes every other watching tab ask again now. The message carries no state: only the servers know it. */
export function tellOtherTabs(pageId: number): void {
  const tabs = openChannel();
  tabs?.postMessage(pageId);
  tabs?.close();
}

interface Watch {
  flows: Flows;
  /** Marks this page's own messages, which it ignores. */
  pageId: number;
  lookAgain: (isRenewal: boolean) => Promise<Outcome>;
  /** When to renew the app session, by `Date.now()`; NaN where that is unknown. */
  renewAtMs: () => number;
  onOutcome: (outcome: Outcome) => void;
}

/**
 * The page that opens a watch asks by itself at first.
 *
 * @returns a function that stops it
 */
export function watchTab({ flows, pageId, lookAgain, renewAtMs, onOutcome }: Watch): () => void {
  const stopped = new AbortController();
  const { signal } = stopped;
  let isWaiting = false;
  let lookedAt = performance.now();
  let retryMs = RETRY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lookIf = async (reason: boolean, isRenewal = false) => {
    // A look that hasn't begun yet will see the same. Coming back fires both `pageshow` and
    // `visibilitychange`.
    if (!reason || isWaiting) return;
    isWaiting = true;
    lookedAt = performance.now();
    const outcome = await flows.run(() => {
      isWaiting = false;
      return lookAgain(isRenewal);
    });
    if (!signal.aborted) onOutcome(outcome);
  };

  const tabs = openChannel();
  if (tabs) tabs.onmessage = ({ data }) => lookIf(data !== pageId);
  addEventListener('pageshow', ({ persisted }) => lookIf(persisted), { signal });
  const isVisible = () => document.visibilityState === 'visible';
  document.addEventListener('visibilitychange', () => lookIf(isVisible()), { signal });
  // Of windows side by side all are visible: which one the person looks at only the focus tells.
  const isFresh = () => performance.now() - lookedAt < FRESHNESS_MS;
  addEventListener('focus', () => lookIf(isVisible() && !isFresh()), { signal });
  addEventListener('online', () => lookIf(isVisible()), { signal });

  const awaitRenewal = () => {
    const waitMs = renewAtMs() - Date.now();
    if (Number.isNaN(waitMs)) return;
    const isDue = waitMs <= MAX_TIMER_MS;
    const act = () => (isDue ? lookIf(isVisible(), true) : awaitRenewal());
    timer = setTimeout(act, isDue ? Math.max(waitMs, MIN_RENEWAL_MS) : MAX_TIMER_MS);
  };
  const scheduleNext = (outcome: Outcome) => {
    clearTimeout(timer);
    if (!mayPass(outcome)) {
      retryMs = RETRY_MS;
      awaitRenewal();
      return;
    }
    timer = setTimeout(() => lookIf(isVisible()), retryMs * (1 + Math.random()));
    retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
  };
  awaitRenewal();
  flows.listeners.add(scheduleNext);
  signal.addEventListener('abort', () => {
    tabs?.close();
    clearTimeout(timer);
    flows.listeners.delete(scheduleNext);
  });
  return () => stopped.abort();
}

/**
 * Whether asking again later may come to something else: nobody answered, or the SSO service has yet to hear
 * of a sign-out. Until it has, the app takes no token of that session.
 */
function mayPass(outcome: Outcome): boolean {
  return (
    isServerUnavailable(outcome) ||
    outcome.status === 'sign-out pending' ||
    (outcome.status === 'refused' && outcome.code === 'invalid-token')
  );
}

/** Whether the browser's back or forward button opened this document anew. */
export function cameBack(): boolean {
  try {
    const [opening] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return opening?.type === 'back_forward';
  } catch {
    return false; // A test environment that lacks this API.
  }
}

/** Undefined where the browser refuses it together with storage. Other tabs then ask when they are shown. */
function openChannel(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(CHANNEL_NAME);
  } catch {
    return undefined;
  }
}
