/**
 * Loads the account page's data again when the person returns to its tab, and when another tab changed
 * something. Unlike in `packages/browser`, tabs don't wait for each other: only the newest load counts.
 */

/**
 * Null if the browser refuses it, as Firefox does when it blocks cookies. Tabs then load when they are shown.
 */
const channel = openChannel();

/** A tab that becomes visible and gets the focus within this time loads once. */
const MIN_LOAD_INTERVAL_MS = 1000;

/** Makes every other tab load again. */
export function notifyOtherTabs(): void {
  channel?.postMessage('changed');
}

/**
 * @param load called at once, when the person returns, and when another tab changed something
 * @param reset called when the browser freezes the page and may show it again
 * @returns a function that stops it
 */
export function reloadWhenStale(load: () => void, reset: () => void): () => void {
  const stopped = new AbortController();
  const { signal } = stopped;
  let loadedAtMs: number;
  const loadNow = () => {
    loadedAtMs = performance.now();
    load();
  };
  const onReturn = () => performance.now() - loadedAtMs < MIN_LOAD_INTERVAL_MS || loadNow();
  const onLeave = () => {
    loadedAtMs = Number.NEGATIVE_INFINITY;
  };
  const onVisibilityChange = () => (document.visibilityState === 'visible' ? onReturn() : onLeave());
  const onPageHide = ({ persisted }: PageTransitionEvent) => {
    onLeave();
    if (persisted) reset();
  };
  loadNow();
  channel?.addEventListener('message', loadNow, { signal });
  document.addEventListener('visibilitychange', onVisibilityChange, { signal });
  // Windows side by side are all visible. Only the focus shows which one the person uses.
  addEventListener('focus', onReturn, { signal });
  addEventListener('pageshow', ({ persisted }) => persisted && onReturn(), { signal });
  addEventListener('pagehide', onPageHide, { signal });
  return () => stopped.abort();
}

function openChannel(): BroadcastChannel | null {
  try {
    return new BroadcastChannel('account-page');
  } catch {
    return null;
  }
}
