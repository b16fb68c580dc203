/** The page of an app, as a person sees it: what is on it and what can be done there. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { Person } from './administration.ts';
import { SignInPage } from './sign-in-page.ts';

export class AppPage extends SignInPage {
  readonly useAnotherButton: Locator;
  readonly timer: Locator;

  constructor(page: Page) {
    super(page);
    this.useAnotherButton = page.getByRole('button', { name: 'Use another account' });
    this.timer = this.form.getByRole('timer');
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

  /** In mode `confirm`: by which the person goes on as somebody whom the site knows. */
  continueButton({ displayName }: Pick<Person, 'displayName'>): Locator {
    return this.page.getByRole('button', { name: `Continue as ${displayName}`, exact: true });
  }

  async asksWhetherToContinue(person: Person): Promise<void> {
    await expect(this.continueButton(person)).toBeVisible();
    await expect(this.form).toHaveCount(0);
    await expect(this.signOutButton).toHaveCount(0);
  }

  /** The states of steps in the diagram. */
  async showsSteps(states: Partial<Record<1 | 2 | 5 | 3 | 4, string>>): Promise<void> {
    for (const [step, state] of Object.entries(states)) {
      await expect(this.page.locator(`[data-step="${step}"]`)).toHaveAttribute('data-state', state);
    }
  }

  /** What the app's server says of this browser, asked behind the page's back. */
  sessionStatus(): Promise<string> {
    return this.page.evaluate(async () => (await (await fetch('/session')).json()).status as string);
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
