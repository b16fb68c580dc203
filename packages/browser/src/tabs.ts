/**
 * The tabs of one app: they take turns, hear when the person signs out in one of them, and notice when they are
 * looked at again. What is done then is `sign-in.ts`'s.
 */
import { isRefused, Stop } from './ask.ts';
import type { Outcome } from './outcome.ts';

/** Of the lock and of the channel that all tabs of this origin share. */
const NAME = 'samesite-sso';

/** Milliseconds that a flow waits for its turn: as long as one of four requests can take. */
const PATIENCE = 20_000;

/** Milliseconds in which the focus is no news: it comes when a page opens or shows, and at each step out of a frame. */
const FRESHNESS = 1000;

/**
 * Milliseconds until a tab in sight asks again by itself where it got no answer, and up to as many more, so that pages
 * do not come all at once; each time twice as long, up to the longest.
 */
const RETRY = 5000;
const LONGEST_RETRY = 60_000;

/** Tells those that watch what each flow came to. */
const outcomes = new EventTarget();

/**
 * One flow at a time in all tabs of this origin: they share the session cookies, so two at once would
 * end each other's sessions. A tab that was put to sleep in its turn keeps nobody for ever.
 */
export async function inTurn(flow: () => Promise<Outcome>): Promise<Outcome> {
  const turn = async (): Promise<Outcome> => {
    try {
      return await flow();
    } catch (stop) {
      if (isRefused(stop, 'not-signed-in')) return { status: 'password wanted' };
      if (stop instanceof Stop) return stop.outcome;
      throw stop;
    }
  };
  const signal = AbortSignal.timeout(PATIENCE);
  let outcome: Outcome;
  try {
    outcome = await navigator.locks.request(NAME, { signal }, turn);
  } catch (error) {
    if (!signal.aborted) throw error;
    outcome = await turn();
  }
  outcomes.dispatchEvent(new CustomEvent(NAME, { detail: outcome }));
  return outcome;
}

/** Makes every other tab that watches look again, now: truth comes from the servers, never from a tab. */
export function tellOtherTabs(pageId: string): void {
  const tabs = new BroadcastChannel(NAME);
  tabs.postMessage(pageId);
  tabs.close();
}

/**
 * Looks, in turn, whenever this tab is looked at again, comes back out of the back/forward cache, or is told to; and
 * after a while, or when the network is back, where nobody answered. The page that opens it looks by itself.
 *
 * @param pageId by which this page knows what it told the others itself
 * @returns a function that stops it
 */
export function watchTab(
  pageId: string,
  look: () => Promise<Outcome>,
  onOutcome: (outcome: Outcome) => void,
): () => void {
  const stopped = new AbortController();
  const { signal } = stopped;
  let isWaiting = false;
  let lookedAt = performance.now();
  let retry = RETRY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lookIf = async (reason: boolean) => {
    // One that has not begun yet will see what this one would. Coming back is both shown and visible.
    if (!reason || isWaiting) return;
    isWaiting = true;
    lookedAt = performance.now();
    const outcome = await inTurn(() => {
      isWaiting = false;
      return look();
    });
    if (!signal.aborted) onOutcome(outcome);
  };
  const tabs = new BroadcastChannel(NAME);
  tabs.onmessage = ({ data }) => lookIf(data !== pageId);
  signal.addEventListener('abort', () => {
    tabs.close();
    clearTimeout(timer);
  });
  addEventListener('pageshow', ({ persisted }) => lookIf(persisted), { signal });
  const isVisible = () => document.visibilityState === 'visible';
  document.addEventListener('visibilitychange', () => lookIf(isVisible()), { signal });
  // Of windows side by side all are visible: which one the person looks at only the focus tells.
  const isFresh = () => performance.now() - lookedAt < FRESHNESS;
  addEventListener('focus', () => lookIf(isVisible() && !isFresh()), { signal });
  addEventListener('online', () => lookIf(isVisible()), { signal });
  const heed = ({ detail }: CustomEventInit<Outcome>) => {
    clearTimeout(timer);
    if (!isSilence(detail)) {
      retry = RETRY;
      return;
    }
    timer = setTimeout(() => lookIf(isVisible()), retry * (1 + Math.random()));
    retry = Math.min(2 * retry, LONGEST_RETRY);
  };
  outcomes.addEventListener(NAME, heed, { signal });
  return () => stopped.abort();
}

/** Whether a flow ended because a server was out of reach, or out of order: that may be over in a while. */
function isSilence(outcome: Outcome | undefined): boolean {
  if (outcome?.status === 'refused') return outcome.code === 'unavailable';
  return outcome?.status === 'SSO service unreachable' || outcome?.status === 'app unreachable';
}

/** Whether the browser's back or forward button opened this document anew. */
export function cameBack(): boolean {
  const [opening] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return opening?.type === 'back_forward';
}
