/** A page of the site in Firefox. Compare ../sign-in-page.ts and ../app-page.ts. */
import type { ElementHandle, Page } from 'puppeteer-core';
import { expect } from 'vitest';
import type { Person } from '../administration.ts';
import { formWasSeen, namesOf, noticeForm, noticePerson, personWasSeen } from '../flash-watch.ts';

/** The elements of the pages that have these roles. */
const ELEMENTS = { button: 'button', form: 'form', heading: 'h2', link: 'a' } as const;
type Role = keyof typeof ELEMENTS;

export class SitePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(origin: string): Promise<this> {
    await this.page.goto(origin);
    return this;
  }

  async signIn(person: Person): Promise<void> {
    await this.fill(person);
    await this.click('button', 'Sign in');
    await this.showsSignedIn(person);
  }

  async signOut(): Promise<void> {
    await this.click('button', 'Sign out');
    await this.showsForm();
  }

  /** @param delay milliseconds between the keys of the password */
  async fill({ username, password }: Pick<Person, 'username' | 'password'>, delay = 0): Promise<void> {
    await (await this.field('Username')).type(username);
    await (await this.field('Password')).type(password, { delay: Math.round(delay) });
  }

  async click(role: Role, name: string): Promise<void> {
    await expect.poll(() => this.#shows(role, name)).toBe(true);
    await (await this.#get(role, name))?.click();
  }

  async follow(link: string, origin: string): Promise<void> {
    await this.click('link', link);
    await expect.poll(() => this.page.url()).toBe(`${origin}/`);
  }

  /** Puppeteer's `goBack` waits for a load, which a page from the back/forward cache doesn't have. */
  async goBack(origin: string): Promise<void> {
    await this.page.evaluate(() => history.back());
    await expect.poll(() => this.page.url()).toBe(`${origin}/`);
  }

  /** Waits until another tab is in front. */
  async isHidden(): Promise<void> {
    await expect.poll(() => this.page.evaluate(() => document.visibilityState)).toBe('hidden');
  }

  async showsSignedIn({ displayName }: Pick<Person, 'displayName'>): Promise<void> {
    await expect.poll(() => this.#shows('heading', displayName)).toBe(true);
    await expect.poll(() => this.#shows('form', 'Sign in')).toBe(false);
  }

  async showsForm(): Promise<void> {
    await expect.poll(() => this.#shows('form', 'Sign in')).toBe(true);
    await expect.poll(() => this.#shows('button', 'Sign out')).toBe(false);
  }

  /** The states of steps in the diagram. */
  async showsSteps(states: Partial<Record<1 | 2 | 5 | 3 | 4, string>>): Promise<void> {
    const shown = () =>
      this.page.$$eval('[data-step]', (steps) =>
        steps.map((step) => [step.getAttribute('data-step'), step.getAttribute('data-state')]),
      );
    await expect.poll(async () => Object.fromEntries(await shown())).toMatchObject(states);
  }

  /** The status that the app's server returns for this browser, without using the page's code. */
  sessionStatus(): Promise<string> {
    return this.page.evaluate(async () => (await (await fetch('/session')).json()).status as string);
  }

  /** Call these before the page is opened; see ../flash-watch.ts. */
  async watchForForm(): Promise<() => Promise<boolean>> {
    await this.page.evaluateOnNewDocument(noticeForm);
    return () => this.page.evaluate(formWasSeen);
  }

  async watchForPerson(person: Person): Promise<() => Promise<boolean>> {
    await this.page.evaluateOnNewDocument(noticePerson, namesOf(person));
    return () => this.page.evaluate(personWasSeen);
  }

  /** @returns a growing list: the method of each request to that origin, and the names of its cookies */
  watchCookies(origin: string): string[] {
    const sent: string[] = [];
    this.page.on('request', (request) => {
      if (new URL(request.url()).origin !== origin) return;
      const names = (request.headers()['cookie'] ?? '').split('; ').map((cookie) => cookie.split('=')[0]);
      sent.push(`${request.method()} ${names.join(' ')}`.trim());
    });
    return sent;
  }

  text(): Promise<string> {
    return this.page.evaluate(() => document.body.textContent);
  }

  async #shows(role: Role, name: string): Promise<boolean> {
    return (await this.#get(role, name)) !== null;
  }

  /**
   * Finds the first element that contains the name, if it has this role and name in the accessibility tree.
   * A search of the whole tree takes as long as a page load: for each element outside it, such as those of a
   * drawing, Firefox updates the page twice.
   */
  async #get(role: Role, name: string): Promise<ElementHandle | null> {
    const element = await this.#first(`//${ELEMENTS[role]}[contains(., "${name}")]`);
    return (await element?.$(`::-p-aria([role="${role}"][name="${name}"])`)) ?? null;
  }

  /** Sends one command to Firefox, where Puppeteer's `$` sends several. */
  async #first(xpath: string): Promise<ElementHandle | null> {
    const node = await this.page.evaluateHandle(`document.evaluate('${xpath}', document).iterateNext()`);
    return node.asElement() as ElementHandle | null;
  }

  /** The field with this label. Password fields have no role. */
  async field(label: string): Promise<ElementHandle<HTMLInputElement>> {
    const xpath = `//input[@id = //label[normalize-space()="${label}"]/@for]`;
    await expect.poll(async () => (await this.#first(xpath)) !== null).toBe(true);
    return (await this.#first(xpath)) as ElementHandle<HTMLInputElement>;
  }
}
