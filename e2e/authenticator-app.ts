/** A person's phone with an authenticator app: reads the key from the account page, and shows codes. */
import { expect } from '@playwright/test';
import { codeAt } from '../test/support/sso/totp-app.ts';
import type { AccountPage } from './account-page.ts';

const STEP_MS = 30_000;

export class AuthenticatorApp {
  readonly #secret: string;
  #lastStep = 0;

  private constructor(secret: string) {
    this.#secret = secret;
  }

  /**
   * Adds itself on the account page, which must be open.
   *
   * @returns it with the recovery codes
   */
  static async addTo({ page }: AccountPage): Promise<{ phone: AuthenticatorApp; recoveryCodes: string[] }> {
    await page.getByRole('button', { name: 'Add an authenticator app' }).click();
    await page.getByText('Can’t scan it?').click();
    const secret = (await page.locator('.setup-key-text').textContent())?.replaceAll(/\s/g, '') ?? '';
    const phone = new AuthenticatorApp(secret);
    await page.getByLabel('Code').fill(await phone.nextCode());
    await page.getByRole('button', { name: 'Add the app' }).click();
    await expect(page.getByRole('heading', { name: 'Save your recovery codes now' })).toBeFocused();
    const recoveryCodes = await page.locator('.recovery-codes-list code').allTextContents();
    await page.getByRole('button', { name: 'I have saved them' }).click();
    return { phone, recoveryCodes };
  }

  /** The code that the app shows now, or the next one, if this one was used. Each works once. */
  async nextCode(): Promise<string> {
    const step = () => Math.floor(Date.now() / STEP_MS);
    while (step() <= this.#lastStep) await new Promise((resolve) => setTimeout(resolve, 250));
    this.#lastStep = step();
    return codeAt(this.#secret, this.#lastStep * STEP_MS);
  }
}
