/** The page of an app, as a person sees it: what is on it and what can be done there. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { Person } from './accounts.ts';

export class AppPage {
  readonly page: Page;
  readonly form: Locator;
  readonly username: Locator;
  readonly password: Locator;
  readonly signInButton: Locator;
  readonly signOutButton: Locator;
  readonly useAnotherButton: Locator;
  readonly tryAgainButton: Locator;
  readonly alert: Locator;
  readonly timer: Locator;

  constructor(page: Page) {
    this.page = page;
    this.form = page.getByRole('form', { name: 'Sign in' });
    this.username = page.getByLabel('Username');
    this.password = page.getByLabel('Password', { exact: true });
    this.signInButton = page.getByRole('button', { name: 'Sign in' });
    this.signOutButton = page.getByRole('button', { name: 'Sign out' });
    this.useAnotherButton = page.getByRole('button', { name: 'Use another account' });
    this.tryAgainButton = page.getByRole('button', { name: 'Try again' });
    this.alert = page.getByRole('alert');
    this.timer = this.form.getByRole('timer');
  }

  async open(origin: string): Promise<this> {
    await this.page.goto(origin);
    return this;
  }

  async fill({ username, password }: Pick<Person, 'username' | 'password'>): Promise<void> {
    await this.username.fill(username);
    await this.password.fill(password);
  }

  /** Sends the form and waits until the SSO service has answered. */
  async send(person: Pick<Person, 'username' | 'password'>): Promise<void> {
    await this.fill(person);
    const answered = this.page.waitForResponse(
      (response) => sentBy(response.request())['request'] === 'login',
    );
    await this.signInButton.click();
    await answered;
  }

  async signIn(person: Person): Promise<void> {
    await this.send(person);
    await this.showsSignedIn(person);
  }

  async showsSignedIn({ displayName }: Person): Promise<void> {
    await expect(this.page.getByRole('heading', { name: displayName })).toBeVisible();
    await expect(this.form).toHaveCount(0);
  }

  /** In mode `confirm`: by which the person goes on as somebody whom the site knows. */
  continueButton({ displayName }: Pick<Person, 'displayName'>): Locator {
    return this.page.getByRole('button', { name: `Continue as ${displayName}`, exact: true });
  }

  async asksWhetherToContinue(person: Person): Promise<void> {
    await expect(this.continueButton(person)).toBeVisible();
    await expect(this.form).toHaveCount(0);
    await expect(this.signOutButton).toHaveCount(0);
  }

  async showsForm(): Promise<void> {
    await expect(this.form).toBeVisible();
    await expect(this.signOutButton).toHaveCount(0);
  }

  /** The states of steps in the diagram. */
  async showsSteps(states: Partial<Record<1 | 2 | 5 | 3 | 4, string>>): Promise<void> {
    for (const [step, state] of Object.entries(states)) {
      await expect(this.page.locator(`[data-step="${step}"]`)).toHaveAttribute('data-state', state);
    }
  }
}

/** The members of a JSON request. */
export function sentBy(request: { postData(): string | null }): Record<string, string> {
  try {
    return JSON.parse(request.postData() ?? '{}') as Record<string, string>;
  } catch {
    return {};
  }
}
