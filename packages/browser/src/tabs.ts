/**
 * When an open page looks again who is signed in: when the person comes back to it, when another tab of this
 * app says so, after a while where nobody answered, and shortly before the app session ends. What it does
 * then stands in `sign-in.ts`.
 */
import { isSilence } from './ask.ts';
import type { Flows } from './flows.ts';
import type { Outcome } from './outcome.ts';

/** Of the channel that all tabs of this origin share. */
const CHANNEL_NAME = 'samesite-sso';

/** In which the focus is no news: it comes when a page opens or shows, and at each step out of a frame. */
const FRESHNESS_MS = 1000;

/**
 * Until a tab in sight asks again by itself where it got no answer, and up to as much more, so that pages
 * don't come all at once; each time twice as long, up to the longest.
 */
const RETRY_MS = 5000;
const MAX_RETRY_MS = 60_000;

/** A renewal that comes to nothing isn't tried again sooner. */
const MIN_RENEWAL_MS = 1000;
/** Timers stand still while the machine sleeps, and overflow after 24 days: look at the clock in between. */
const MAX_TIMER_MS = 60_000;

/** Makes every other tab that watches look again, now: truth comes from the servers, never from a tab. */
export function tellOtherTabs(pageId: number): void {
  const tabs = openChannel();
  tabs?.postMessage(pageId);
  tabs?.close();
}

interface Watch {
  flows: Flows;
  /** By which this page knows what it told the others itself. */
  pageId: number;
  lookAgain: (isRenewal: boolean) => Promise<Outcome>;
  /** When to renew the app session, by `Date.now()`; NaN where nobody knows. */
  renewalTime: () => number;
  onOutcome: (outcome: Outcome) => void;
}

/**
 * The page that opens a watch looks by itself.
 *
 * @returns a function that stops it
 */
export function watchTab({ flows, pageId, lookAgain, renewalTime, onOutcome }: Watch): () => void {
  const stopped = new AbortController();
  const { signal } = stopped;
  let isWaiting = false;
  let lookedAt = performance.now();
  let retryMs = RETRY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lookIf = async (reason: boolean, isRenewal = false) => {
    // One that has not begun yet will see what this one would. Coming back is both shown and visible.
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
    const waitMs = renewalTime() - Date.now();
    if (Number.isNaN(waitMs)) return;
    const isDue = waitMs <= MAX_TIMER_MS;
    const act = () => (isDue ? lookIf(isVisible(), true) : awaitRenewal());
    timer = setTimeout(act, isDue ? Math.max(waitMs, MIN_RENEWAL_MS) : MAX_TIMER_MS);
  };
  const heed = (outcome: Outcome) => {
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
  flows.listeners.add(heed);
  signal.addEventListener('abort', () => {
    tabs?.close();
    clearTimeout(timer);
    flows.listeners.delete(heed);
  });
  return () => stopped.abort();
}

/**
 * Whether asking again later may come to something else: nobody answered, or the SSO service has yet to hear
 * of a sign-out. Until it has, the app takes no token of that session.
 */
function mayPass(outcome: Outcome): boolean {
  return (
    isSilence(outcome) ||
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
    return false; // No browser, but something that stands for one in a test.
  }
}

/** Nothing where the browser refuses it, as some do with storage: other tabs then learn it when looked at. */
function openChannel(): BroadcastChannel | undefined {
  try {
    return new BroadcastChannel(CHANNEL_NAME);
  } catch {
    return undefined;
  }
}
