/** The account page on the SSO origin, as a person uses it. */
import { SignInPage } from './sign-in-page.ts';

export class AccountPage extends SignInPage {
  readonly thisSession = this.page.getByRole('region', { name: 'This session' }).getByRole('article');
  readonly otherSessions = this.page.getByRole('region', { name: 'Other sessions' }).getByRole('article');
  readonly endAllButton = this.page.getByRole('button', { name: 'End all others' });
  readonly oldPassword = this.page.getByLabel('Old password');
  readonly newPassword = this.page.getByLabel('New password');
  readonly changeButton = this.page.getByRole('button', { name: 'Change password' });

  async changePassword(oldPassword: string, newPassword: string): Promise<void> {
    await this.oldPassword.fill(oldPassword);
    await this.newPassword.fill(newPassword);
    await this.changeButton.click();
  }
}
