/** Step 5's decision: whose username and password are these? It starts no session; the route does. */
import type { Account } from '@samesite-sso/protocol';
import { Refusal } from '@samesite-sso/service';
import type { PasswordHasher } from '../passwords/hasher.ts';
import type { AccountStore } from '../storage/stores.ts';
import type { LoginAttempt, LoginThrottle } from './login-throttle.ts';
import { usernameKey } from './username.ts';

/** Whose password was right, and which password that was: it may be changed before the session starts. */
export interface VerifiedLogin {
  account: Account;
  passwordVersion: number;
}

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
   * An unknown username, and one that is disabled, cost the same work and get the same words as a wrong
   * password.
   *
   * @param address the client's IP address
   * @param about what the record of a failure tells besides, where it is no login
   * @throws {Refusal} `too-many-attempts`, `overloaded` or `invalid-credentials`
   */
  async verify(
    username: string,
    password: string,
    address: string,
    about: Pick<LoginAttempt, 'sid' | 'detail'> = {},
  ): Promise<VerifiedLogin> {
    const key = usernameKey(username);
    const known = await this.#accounts.findCredentials(key);
    const attempt = { usernameKey: key, accountId: known?.account.id ?? null, address };
    await this.#throttle.admit(attempt);
    const isKnown = known !== null && !known.isDisabled;
    // Whoever is disabled or unknown is checked, too, so that time does not tell; and with somebody's hash, since
    // imported ones take a time of their own.
    const check = isKnown
      ? await this.#hasher.check(known.passwordHash, password)
      : await this.#hasher.checkInVain(
          known?.passwordHash ?? (await this.#accounts.findStandIn(key)),
          password,
        );
    if (!isKnown || !check.isRight) {
      const why = known?.isDisabled ? { detail: 'the account is disabled' } : {};
      await this.#throttle.countFailure({ ...attempt, ...about, ...why });
      throw new Refusal('invalid-credentials', why);
    }
    // Guesses that ran meanwhile may have used up the attempts: then a right one counts for nothing.
    await this.#throttle.admit(attempt);
    const { account, passwordHash, passwordVersion } = known;
    if (check.rehashed !== null) await this.#accounts.rehash(account.id, passwordHash, check.rehashed);
    return { account, passwordVersion };
  }
}
