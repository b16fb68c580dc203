/** Notices a person whom a page shows for a moment only: whoever is signed out must not even flash. */
import type { Page } from '@playwright/test';
import type { Person } from './accounts.ts';

/**
 * Call it before the page is opened.
 *
 * @returns a function that tells whether the person's name was anywhere in the document that is open now: since it was
 *   opened or, if the browser had kept it, since it was shown again
 */
export async function watchForPerson(page: Page, person: Person): Promise<() => Promise<boolean>> {
  const names = [person.displayName, `"${person.username}"`]; // the second as it is sent
  await page.addInitScript((names) => {
    const holds = () => names.some((name) => document.documentElement?.textContent.includes(name));
    const note = (personWasSeen: boolean) => Object.assign(globalThis, { personWasSeen });
    note(false);
    new MutationObserver(() => holds() && note(true)).observe(document, {
      characterData: true,
      childList: true,
      subtree: true,
    });
    addEventListener('pageshow', ({ persisted }) => persisted && note(holds()));
  }, names);
  return () => page.evaluate(() => (globalThis as unknown as { personWasSeen: boolean }).personWasSeen);
}
