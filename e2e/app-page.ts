/** The page of an app, as a person uses it. */
import { expect, type Locator } from '@playwright/test';
import type { Person } from './administration.ts';
import { SignInPage } from './sign-in-page.ts';

export class AppPage extends SignInPage {
  readonly useAnotherButton = this.page.getByRole('button', { name: 'Use another account' });
  readonly timer = this.form.getByRole('timer');
  /** Asks a person who is signed in to sign in again. */
  readonly stepUpForm = this.page.getByRole('form', { name: 'Confirm that it’s you' });

  /** Sends the form and waits for the SSO service's response. */
  async send(person: Pick<Person, 'username' | 'password'>): Promise<void> {
    await this.fill(person);
    const response = this.page.waitForResponse(
      (received) => sentBy(received.request())['request'] === 'login',
    );
    await this.signInButton.click();
    await response;
  }

  /** In mode `confirm`: signs in with the account that has the SSO session. */
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

  /** What the app's server returns to a signed-in person. Until then its request is under way. */
  async showsProtectedResponse({ username }: Pick<Person, 'username'>): Promise<void> {
    await expect(this.page.getByText(`"username": "${username}"`)).toBeVisible();
  }

  /** The status that the app's server returns for this browser, without using the page's code. */
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
