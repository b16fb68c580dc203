/** Somebody who is signed in and goes on with steps 2 and 3, one after the other, whatever others do meanwhile. */
import type { Browser } from '../support/browser.ts';

/**
 * Asks until something is over. Everything must be answered, and rightly.
 *
 * @returns how often it was asked, and the longest that an answer took, in milliseconds
 */
export async function goesOn(
  person: Browser,
  during: Promise<unknown>,
): Promise<{ asked: number; longest: number }> {
  let isOver = false;
  const over = during.finally(() => {
    isOver = true;
  });
  over.catch(() => {}); // Told below, once nobody asks any more.
  let [asked, longest] = [0, 0];
  while (!isOver) {
    for (const step of ['loginStatus', 'authenticationToken'] as const) {
      const started = performance.now();
      const { status, body } = await person[step]();
      longest = Math.max(longest, performance.now() - started);
      asked += 1;
      const isRight =
        status === 200 && (step === 'authenticationToken' ? 'token' in body : body['status'] === 'signed in');
      if (!isRight) throw new Error(`${step} was answered ${status} ${JSON.stringify(body)}`);
    }
  }
  await over;
  return { asked, longest };
}
