/** A signed-in person who sends steps 2 and 3 in turn while other clients overload the service. */
import type { Browser } from '../support/browser.ts';

/**
 * Sends both steps until `during` settles. Every response must be right.
 *
 * @returns the number of requests, and the longest response time in milliseconds
 */
export async function actDuring(person: Browser, during: Promise<unknown>) {
  let isOver = false;
  const over = during.finally(() => {
    isOver = true;
  });
  over.catch(() => {}); // Awaited below, after the last request.
  let [requestCount, longestMs] = [0, 0];
  while (!isOver) {
    for (const step of ['loginStatus', 'authenticationToken'] as const) {
      const started = performance.now();
      const { status, body } = await person[step]();
      longestMs = Math.max(longestMs, performance.now() - started);
      requestCount += 1;
      const isRight =
        status === 200 && (step === 'authenticationToken' ? 'token' in body : body['status'] === 'signed in');
      if (!isRight) throw new Error(`${step} got ${status} ${JSON.stringify(body)}`);
    }
  }
  await over;
  return { requestCount, longestMs };
}
