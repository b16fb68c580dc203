/** Notices a sign-in form that appears for a moment only: what is done without a word must not even flash. */
import type { Page } from '@playwright/test';

/**
 * Call it before the page is opened.
 *
 * @returns a function that tells whether the document that is open now ever had a form
 */
export async function watchForForm(page: Page): Promise<() => Promise<boolean>> {
  await page.addInitScript(noticeForm);
  return () => page.evaluate(formWasSeen);
}

/** In the page, before any script of its own. */
export function noticeForm(): void {
  const look = () => {
    if (document.querySelector('form') !== null) Object.assign(globalThis, { formWasSeen: true });
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}

/** In the page, at any time after. */
export function formWasSeen(): boolean {
  return 'formWasSeen' in globalThis;
}
