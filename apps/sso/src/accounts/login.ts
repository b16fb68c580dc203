/** Step 5's decision: whose username and password are these? It starts no session; the route does. */
import type { Account } from '@samesite-sso/protocol';
import { Refusal } from '@samesite-sso/service';
import type { PasswordHasher } from '../passwords/hasher.ts';
import type { AccountStore } from '../storage/stores.ts';
import type { LoginThrottle } from './login-throttle.ts';
import { usernameKey } from './username.ts';

export class Login {
  readonly #accounts: AccountStore;
  readonly #hasher: PasswordHasher;
  readonly #throttle: LoginThrottle;

  constructor(accounts: AccountStore, hasher: PasswordHasher, throttle: LoginThrottle) {
    this.#accounts = accounts;
    this.#hasher = hasher;
    this.#throttle = throttle;
  }

  /**
   * An unknown username costs the same work, and gets the same words, as a wrong password.
   *
   * @param address the client's IP address
   * @throws {Refusal} `too-many-attempts`, `overloaded` or `invalid-credentials`
   */
  async verify(username: string, password: string, address: string): Promise<Account> {
    const key = usernameKey(username);
    await this.#throttle.admit(key, address);
    const account = await this.#accounts.findByUsernameKey(key);
    const check = await this.#hasher.check(account?.passwordHash ?? null, password);
    if (account === null || !check.isRight) {
      await this.#throttle.countFailure(key, address);
      throw new Refusal('invalid-credentials');
    }
    // Guesses that ran meanwhile may have used up the attempts: then a right one counts for nothing.
    await this.#throttle.admit(key, address);
    const { passwordHash, ...person } = account;
    if (check.rehashed !== null) await this.#accounts.rehash(person.id, passwordHash, check.rehashed);
    return person;
  }
}
