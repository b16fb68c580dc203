/**
 * The tabs of the account page: they hear when something was changed in one of them, and notice when they are
 * looked at again. As an app's do, in `packages/browser`, but without turns: here only the newest look
 * counts.
 */

/**
 * Null where the browser refuses it, as Firefox does with cookies blocked. Other tabs then look when shown.
 */
const channel = openChannel();

/** Milliseconds in which coming back is told several times: the page is shown, is visible, has the focus. */
const FRESHNESS = 1000;

/** Makes every other tab look again, now. */
export function tellOtherTabs(): void {
  channel?.postMessage('changed');
}

/**
 * Looks at once, then whenever the person comes back, and whenever another tab changed something.
 *
 * @param forget is called when the browser puts the page away and may show it again
 * @returns a function that stops it
 */
export function watchTab(look: () => void, forget: () => void): () => void {
  const stopped = new AbortController();
  const { signal } = stopped;
  let lookedAt: number;
  const lookNow = () => {
    lookedAt = performance.now();
    look();
  };
  const comeBack = () => performance.now() - lookedAt < FRESHNESS || lookNow();
  const leave = () => {
    lookedAt = Number.NEGATIVE_INFINITY;
  };
  const turn = () => (document.visibilityState === 'visible' ? comeBack() : leave());
  const putAway = ({ persisted }: PageTransitionEvent) => {
    leave();
    if (persisted) forget();
  };
  lookNow();
  channel?.addEventListener('message', lookNow, { signal });
  document.addEventListener('visibilitychange', turn, { signal });
  // Of windows side by side all are visible: which one the person looks at only the focus tells.
  addEventListener('focus', comeBack, { signal });
  addEventListener('pageshow', ({ persisted }) => persisted && comeBack(), { signal });
  addEventListener('pagehide', putAway, { signal });
  return () => stopped.abort();
}

function openChannel(): BroadcastChannel | null {
  try {
    return new BroadcastChannel('account-page');
  } catch {
    return null;
  }
}
