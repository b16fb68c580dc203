/** The account page on the SSO origin, as a person uses it. */
import type { Locator, Page } from '@playwright/test';
import { SignInPage } from './sign-in-page.ts';

export class AccountPage extends SignInPage {
  readonly thisSession: Locator;
  readonly otherSessions: Locator;
  readonly endAllButton: Locator;
  readonly oldPassword: Locator;
  readonly newPassword: Locator;
  readonly changeButton: Locator;

  constructor(page: Page) {
    super(page);
    this.thisSession = page.getByRole('region', { name: 'This session' }).getByRole('article');
    this.otherSessions = page.getByRole('region', { name: 'Other sessions' }).getByRole('article');
    this.endAllButton = page.getByRole('button', { name: 'End all others' });
    this.oldPassword = page.getByLabel('Old password');
    this.newPassword = page.getByLabel('New password');
    this.changeButton = page.getByRole('button', { name: 'Change password' });
  }

  async changePassword(oldPassword: string, newPassword: string): Promise<void> {
    await this.oldPassword.fill(oldPassword);
    await this.newPassword.fill(newPassword);
    await this.changeButton.click();
  }
}
