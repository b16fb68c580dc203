/**
 * Seals the secrets of authenticator apps: with one, anybody can compute its codes. Without sealing keys, no
 * authenticator app can be added.
 */
import { SealingKeyError, type SealingKeys } from '@samesite-sso/core';
import type { FactorStore, SealedSecret } from '../../storage/stores.ts';

/** The id is the account's: a sealed secret that is copied to another account doesn't open. */
const nameOf = (accountId: string) => ({ purpose: 'sso authenticator secret', id: accountId });

export class AuthenticatorSecrets {
  readonly #sealing: SealingKeys | null;

  constructor(sealing: SealingKeys | null) {
    this.#sealing = sealing;
  }

  get canSeal(): boolean {
    return this.#sealing !== null;
  }

  async seal(accountId: string, secret: Uint8Array): Promise<string> {
    return await this.#keys.seal(nameOf(accountId), secret);
  }

  /** @throws {ConfigError} if no sealing key opens it */
  async open({ accountId, sealedSecret }: SealedSecret): Promise<Uint8Array> {
    return (await this.#keys.open(nameOf(accountId), sealedSecret)).secret;
  }

  /** Seals every stored secret with the first sealing key. */
  async reseal(store: FactorStore): Promise<{ resealed: number; total: number }> {
    let [resealed, total] = [0, 0];
    for await (const page of store.sealedSecrets()) {
      for (const sealed of page) {
        total += 1;
        const { secret, isCurrent } = await this.#keys.open(nameOf(sealed.accountId), sealed.sealedSecret);
        if (isCurrent) continue;
        await store.replaceSecret(sealed, await this.seal(sealed.accountId, secret));
        resealed += 1;
      }
    }
    return { resealed, total };
  }

  get #keys(): SealingKeys {
    if (this.#sealing !== null) return this.#sealing;
    throw new SealingKeyError('is missing, but the secrets of authenticator apps are sealed with it');
  }
}

/**
 * Opens one stored secret, so that the service doesn't start with the sealing keys of another database.
 *
 * @throws {ConfigError} if it can't be opened
 */
export async function openAuthenticatorSecrets(
  factors: FactorStore,
  sealing: SealingKeys | null,
): Promise<AuthenticatorSecrets> {
  const secrets = new AuthenticatorSecrets(sealing);
  for await (const [first] of factors.sealedSecrets()) {
    if (first !== undefined) await secrets.open(first);
    break;
  }
  return secrets;
}
