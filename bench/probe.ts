/** Sends step 2 while the service does something else, and measures the longest response time. */
import { setTimeout as delay } from 'node:timers/promises';
import { load } from './load/load.ts';
import type { Product } from './product.ts';

const POLL_INTERVAL_MS = 50;
export const MAX_WAIT_SECONDS = 5 * 60;
/** Short enough to notice every long stall, and long enough to leave most of the core to the other work. */
const PAUSE_MS = 5;
/** Long enough for the load generator to start. */
const MIN_PROBE_SECONDS = 1;

export async function probeWhile<Result>(
  product: Product,
  cookie: string,
  work: () => Promise<Result>,
): Promise<{ result: Result; longestMs: number }> {
  const done = new AbortController();
  const probing = load(product.sso.address, [product.loginStatus(cookie)], {
    seconds: 2 * MAX_WAIT_SECONDS,
    connections: 1,
    pauseMs: PAUSE_MS,
    signal: done.signal,
  });
  const working = Promise.all([work(), delay(MIN_PROBE_SECONDS * 1000)]).finally(() => done.abort());
  const [{ maxMs }, [result]] = await Promise.all([probing, working]);
  return { result, longestMs: maxMs };
}

/** @returns null if it takes longer than MAX_WAIT_SECONDS */
export async function secondsUntil(isTrue: () => boolean): Promise<number | null> {
  const startedAtMs = performance.now();
  for (;;) {
    const seconds = (performance.now() - startedAtMs) / 1000;
    if (isTrue()) return seconds;
    if (seconds > MAX_WAIT_SECONDS) return null;
    await delay(POLL_INTERVAL_MS);
  }
}
