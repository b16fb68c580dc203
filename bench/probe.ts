/** Sends step 2 without a pause while the service does something, and notes the longest response. */
import { setTimeout as delay } from 'node:timers/promises';
import { load } from './load/load.ts';
import type { Product } from './product.ts';

const POLL_INTERVAL_MS = 50;
const MAX_WAIT_SECONDS = 5 * 60;

type Work = { readonly hasStarted: () => boolean; readonly isDone: () => boolean };

export async function probeWhile(
  product: Product,
  cookie: string,
  { hasStarted, isDone }: Work,
): Promise<{ seconds: number; longestMs: number }> {
  await waitUntil(hasStarted);
  const startedAtMs = performance.now();
  const done = new AbortController();
  const probing = load(product.sso.address, [product.loginStatus(cookie)], {
    seconds: MAX_WAIT_SECONDS,
    connections: 1,
    signal: done.signal,
  });
  await waitUntil(isDone);
  const seconds = (performance.now() - startedAtMs) / 1000;
  done.abort();
  return { seconds, longestMs: (await probing).maxMs };
}

async function waitUntil(isTrue: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + MAX_WAIT_SECONDS * 1000;
  while (!isTrue()) {
    if (performance.now() > deadlineMs) throw new Error(`waited for ${MAX_WAIT_SECONDS} s in vain`);
    await delay(POLL_INTERVAL_MS);
  }
}
