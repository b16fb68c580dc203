/** Detects a sign-in form or a person's name that a page shows even for a moment. */
import type { Page } from '@playwright/test';
import type { Person } from './administration.ts';

/** Call it before the page is opened. @returns whether the open document ever had a form */
export async function watchForForm(page: Page): Promise<() => Promise<boolean>> {
  await page.addInitScript(noticeForm);
  return () => page.evaluate(formWasSeen);
}

/**
 * Call it before the page is opened.
 *
 * @returns whether the open document has contained the person's name since it was opened, or since the
 *   browser restored it from its back/forward cache
 */
export async function watchForPerson(page: Page, person: Person): Promise<() => Promise<boolean>> {
  await page.addInitScript(noticePerson, namesOf(person));
  return () => page.evaluate(personWasSeen);
}

/** The display name as pages show it, and the username as JSON holds it. */
export function namesOf({ displayName, username }: Person): string[] {
  return [displayName, `"${username}"`];
}

/** Runs in the page, before its scripts. */
export function noticeForm(): void {
  const check = () => {
    if (document.querySelector('form') !== null) Object.assign(globalThis, { formWasSeen: true });
  };
  new MutationObserver(check).observe(document, { childList: true, subtree: true });
}

/** Runs in the page, at any later time. */
export function formWasSeen(): boolean {
  return 'formWasSeen' in globalThis;
}

/** Runs in the page, before its scripts. */
export function noticePerson(names: readonly string[]): void {
  const isShown = () => names.some((name) => document.documentElement?.textContent.includes(name));
  const note = (personWasSeen: boolean) => Object.assign(globalThis, { personWasSeen });
  note(false);
  new MutationObserver(() => isShown() && note(true)).observe(document, {
    characterData: true,
    childList: true,
    subtree: true,
  });
  addEventListener('pageshow', ({ persisted }) => persisted && note(isShown()));
}

/** Runs in the page, at any later time. */
export function personWasSeen(): boolean {
  return (globalThis as unknown as { personWasSeen: boolean }).personWasSeen;
}
