/**
 * Bounds guessing: so many failed logins for one account from one address, so many from one address in
 * all, until they have aged. A stranger elsewhere can therefore lock nobody out.
 */
import { isIPv6 } from 'node:net';
import { hashSecret, Refusal } from '@samesite-sso/service';
import type { FailureLimits, LoginFailureStore } from '../storage/stores.ts';

export const LOGIN_LIMITS: FailureLimits = {
  windowMilliseconds: 15 * 60 * 1000,
  perAccount: 10,
  perAddress: 300,
};

export class LoginThrottle {
  readonly #store: LoginFailureStore;
  readonly #clock: () => number;

  constructor(store: LoginFailureStore, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
  }

  /** @throws {Refusal} `too-many-attempts` while throttled, whatever the password */
  async admit(usernameKey: string, address: string): Promise<void> {
    this.#refuse(await this.#store.throttledUntil(...this.#about(usernameKey, address)));
  }

  /**
   * Counts a failed login. Of guesses that were admitted together, those beyond the limit learn nothing.
   *
   * @throws {Refusal} `too-many-attempts` when others failed meanwhile
   */
  async countFailure(usernameKey: string, address: string): Promise<void> {
    this.#refuse(await this.#store.add(...this.#about(usernameKey, address)));
  }

  /** What was typed as a username is hashed: people type their password there. */
  #about(usernameKey: string, address: string): Parameters<LoginFailureStore['add']> {
    return [hashSecret(usernameKey), networkOf(address), this.#clock(), LOGIN_LIMITS];
  }

  #refuse(until: number | null): void {
    if (until === null) return;
    const retryAfterSeconds = Math.max(1, Math.ceil((until - this.#clock()) / 1000));
    throw new Refusal('too-many-attempts', { retryAfterSeconds });
  }
}

/** One client's address: an IPv4 address, or an IPv6 network of 64 bits, of which any client has its own. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.replace(/%.*$/, '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  if (tail !== undefined) groups.push(...Array(8 - groups.length - after.length).fill('0'), ...after);
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
