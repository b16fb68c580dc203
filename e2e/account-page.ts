/** The account page on the SSO origin, as a person uses it. */
import { expect } from '@playwright/test';
import type { Person } from './administration.ts';
import { SignInPage } from './sign-in-page.ts';
import { VirtualAuthenticator } from './virtual-authenticator.ts';

export class AccountPage extends SignInPage {
  readonly thisSession = this.page.getByRole('region', { name: 'This session' }).getByRole('article');
  readonly otherSessions = this.page.getByRole('region', { name: 'Other sessions' }).getByRole('article');
  readonly endAllButton = this.page.getByRole('button', { name: 'End all others' });
  readonly oldPassword = this.page.getByLabel('Old password');
  readonly newPassword = this.page.getByLabel('New password');
  readonly passkeys = this.page.getByRole('region', { name: 'Passkeys' }).getByRole('listitem');
  /** Asks the person to sign in again, for a change that needs it. */
  readonly reauthentication = this.page.getByRole('dialog', { name: 'Confirm that it’s you' });
  readonly changeButton = this.page.getByRole('button', { name: 'Change password' });

  /** Signs a person in, and adds a passkey on an authenticator that this tab gets. */
  async signInAndAddPasskey(origin: string, person: Person): Promise<VirtualAuthenticator> {
    const authenticator = await VirtualAuthenticator.add(this.page);
    await (await this.open(origin)).signIn(person);
    await this.addPasskey(authenticator, 'My laptop');
    return authenticator;
  }

  async addPasskey(authenticator: VirtualAuthenticator, name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Add a passkey' }).click();
    await this.page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await authenticator.confirming(async () => {
      await this.page.getByRole('button', { name: 'Create the passkey' }).click();
      await expect(this.page.getByRole('status').filter({ hasText: `Added: ${name}.` })).toBeVisible();
    });
  }

  /** Signs in again where a change needs it. */
  async reauthenticate(password: string, code: string): Promise<void> {
    await this.reauthentication.getByLabel('Password', { exact: true }).fill(password);
    await this.reauthentication.getByLabel('Code').fill(code);
    await this.reauthentication.getByRole('button', { name: 'Confirm' }).click();
  }

  async changePassword(oldPassword: string, newPassword: string): Promise<void> {
    await this.oldPassword.fill(oldPassword);
    await this.newPassword.fill(newPassword);
    await this.changeButton.click();
  }
}
