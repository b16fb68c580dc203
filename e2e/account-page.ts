/** The account page on the SSO origin, as a person sees it: what is on it and what can be done there. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { Person } from './accounts.ts';
import type { Site } from './test.ts';

export class AccountPage {
  readonly page: Page;
  readonly form: Locator;
  readonly username: Locator;
  readonly password: Locator;
  readonly signInButton: Locator;
  readonly signOutButton: Locator;
  readonly thisSession: Locator;
  readonly otherSessions: Locator;
  readonly endAllButton: Locator;
  readonly oldPassword: Locator;
  readonly newPassword: Locator;
  readonly changeButton: Locator;

  constructor(page: Page) {
    this.page = page;
    this.form = page.getByRole('form', { name: 'Sign in' });
    this.username = page.getByLabel('Username');
    this.password = page.getByLabel('Password', { exact: true });
    this.signInButton = page.getByRole('button', { name: 'Sign in' });
    this.signOutButton = page.getByRole('button', { name: 'Sign out' });
    this.thisSession = page.getByRole('region', { name: 'This session' }).getByRole('article');
    this.otherSessions = page.getByRole('region', { name: 'Other sessions' }).getByRole('article');
    this.endAllButton = page.getByRole('button', { name: 'End all others' });
    this.oldPassword = page.getByLabel('Old password');
    this.newPassword = page.getByLabel('New password');
    this.changeButton = page.getByRole('button', { name: 'Change password' });
  }

  async open({ sso }: Site): Promise<this> {
    await this.page.goto(sso.origin);
    return this;
  }

  async signIn(person: Person): Promise<void> {
    await this.username.fill(person.username);
    await this.password.fill(person.password);
    await this.signInButton.click();
    await this.showsSignedIn(person);
  }

  async changePassword(oldPassword: string, newPassword: string): Promise<void> {
    await this.oldPassword.fill(oldPassword);
    await this.newPassword.fill(newPassword);
    await this.changeButton.click();
  }

  async showsSignedIn({ displayName }: Person): Promise<void> {
    await expect(this.page.getByRole('heading', { name: displayName })).toBeVisible();
    await expect(this.form).toHaveCount(0);
  }

  async showsForm(): Promise<void> {
    await expect(this.form).toBeVisible();
    await expect(this.signOutButton).toHaveCount(0);
  }
}
