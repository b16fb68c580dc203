/** An authenticator that Chromium simulates for a tab, through the DevTools protocol (domain `WebAuthn`). */
import { type CDPSession, expect, type Page } from '@playwright/test';

export class VirtualAuthenticator {
  readonly #page: Page;
  readonly #session: CDPSession;
  readonly #authenticatorId: string;

  private constructor(page: Page, session: CDPSession, authenticatorId: string) {
    this.#page = page;
    this.#session = session;
    this.#authenticatorId = authenticatorId;
  }

  /** Adds an authenticator that is part of the device and verifies its person. Nobody touches it yet. */
  static async add(page: Page): Promise<VirtualAuthenticator> {
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable', { enableUI: false });
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: false,
      },
    });
    await page.addInitScript(markAutofill);
    return new VirtualAuthenticator(page, session, authenticatorId);
  }

  /**
   * Waits until the browser offers passkeys in the autofill. A pending offer doesn't react to a later
   * `confirming`.
   */
  async isOffered(): Promise<void> {
    await expect(this.#page.locator('html')).toHaveAttribute('data-autofill', 'offered');
  }

  /** While a function runs, the person confirms each request that the browser shows. */
  async confirming<Result>(meanwhile: () => Promise<Result>): Promise<Result> {
    await this.#simulatePresence(true);
    try {
      return await meanwhile();
    } finally {
      await this.#simulatePresence(false);
    }
  }

  async #simulatePresence(enabled: boolean): Promise<void> {
    const authenticatorId = this.#authenticatorId;
    await this.#session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  }

  /** The ids of the passkeys on it. */
  async passkeys(): Promise<string[]> {
    const authenticatorId = this.#authenticatorId;
    const { credentials } = await this.#session.send('WebAuthn.getCredentials', { authenticatorId });
    return credentials.map(({ credentialId }) => credentialId);
  }
}

/** Runs in the page: its document says whether the browser offers passkeys in the autofill. */
function markAutofill(): void {
  const container = navigator.credentials;
  if (container === undefined) return;
  const get = container.get.bind(container);
  container.get = async (options) => {
    if (options?.mediation !== 'conditional') return await get(options);
    const { dataset } = document.documentElement;
    dataset['autofill'] = 'offered';
    try {
      return await get(options);
    } finally {
      delete dataset['autofill'];
    }
  };
}
