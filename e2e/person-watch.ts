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
  await page.addInitScript(noticePerson, namesOf(person));
  return () => page.evaluate(personWasSeen);
}

/** As pages show them. */
export function namesOf({ displayName, username }: Person): string[] {
  return [displayName, `"${username}"`]; // the second as it is sent
}

/** In the page, before any script of its own. */
export function noticePerson(names: readonly string[]): void {
  const holds = () => names.some((name) => document.documentElement?.textContent.includes(name));
  const note = (personWasSeen: boolean) => Object.assign(globalThis, { personWasSeen });
  note(false);
  new MutationObserver(() => holds() && note(true)).observe(document, {
    characterData: true,
    childList: true,
    subtree: true,
  });
  addEventListener('pageshow', ({ persisted }) => persisted && note(holds()));
}

/** In the page, at any time after. */
export function personWasSeen(): boolean {
  return (globalThis as unknown as { personWasSeen: boolean }).personWasSeen;
}
