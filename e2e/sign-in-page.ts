/** The parts that all pages share: the sign-in form, or the person's name and the sign-out button. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { Person } from './administration.ts';

export class SignInPage {
  readonly page: Page;
  readonly form: Locator;
  readonly username: Locator;
  readonly password: Locator;
  readonly signInButton: Locator;
  readonly passkeyButton: Locator;
  readonly signOutButton: Locator;
  readonly tryAgainButton: Locator;
  readonly alert: Locator;

  constructor(page: Page) {
    this.page = page;
    this.form = page.getByRole('form', { name: 'Sign in' });
    this.username = page.getByLabel('Username');
    this.password = page.getByLabel('Password', { exact: true });
    this.signInButton = page.getByRole('button', { name: 'Sign in', exact: true });
    this.passkeyButton = page.getByRole('button', { name: 'Sign in with a passkey' });
    this.signOutButton = page.getByRole('button', { name: 'Sign out' });
    this.tryAgainButton = page.getByRole('button', { name: 'Try again' });
    this.alert = page.getByRole('alert');
  }

  async open(origin: string): Promise<this> {
    await this.page.goto(origin);
    return this;
  }

  async fill({ username, password }: Pick<Person, 'username' | 'password'>): Promise<void> {
    await this.username.fill(username);
    await this.password.fill(password);
  }

  async signIn(person: Person): Promise<void> {
    await this.fill(person);
    await this.signInButton.click();
    await this.showsSignedIn(person);
  }

  async signOut(): Promise<void> {
    await this.signOutButton.click();
    await this.showsForm();
  }

  async showsSignedIn({ displayName }: Pick<Person, 'displayName'>): Promise<void> {
    await expect(this.page.getByRole('heading', { name: displayName })).toBeVisible();
    await expect(this.form).toHaveCount(0);
  }

  async showsForm(): Promise<void> {
    await expect(this.form).toBeVisible();
    await expect(this.signOutButton).toHaveCount(0);
  }
}
