/**
 * Bounds guessing: so many failed logins for one account from one address, so many from one address in
 * all, until they have aged. A stranger elsewhere can therefore lock nobody out.
 */
import { isIPv6 } from 'node:net';
import { hashSecret, Refusal } from '@samesite-sso/service';
import type { Act, AuditStore, FailureLimits, LoginFailureStore } from '../storage/stores.ts';

export const LOGIN_LIMITS: FailureLimits = {
  windowMilliseconds: 15 * 60 * 1000,
  perAccount: 10,
  perAddress: 300,
};

/** Milliseconds for which one record of throttling stands for all: anybody could cause any number of them. */
const RECORD_GRAIN = 60_000;

export interface LoginAttempt {
  usernameKey: string;
  /** The account that is meant, if there is one. */
  accountId: string | null;
  /** The client's IP address. */
  address: string;
  /** The session that it was asked in, if not at a login. */
  sid?: string;
  /** Why it failed, if not by a login's password. */
  detail?: string;
}

export class LoginThrottle {
  readonly #store: LoginFailureStore;
  readonly #audit: AuditStore;
  readonly #clock: () => number;

  constructor(store: LoginFailureStore, audit: AuditStore, clock: () => number) {
    this.#store = store;
    this.#audit = audit;
    this.#clock = clock;
  }

  /** @throws {Refusal} `too-many-attempts` while throttled, whatever the password */
  async admit(attempt: LoginAttempt): Promise<void> {
    const { usernameHash, network } = this.#counted(attempt);
    const until = await this.#store.throttledUntil(usernameHash, network, this.#clock(), LOGIN_LIMITS);
    if (until !== null) await this.#refuse(attempt, until);
  }

  /**
   * Counts a failed login. Of guesses that were admitted together, those beyond the limit learn nothing.
   *
   * @throws {Refusal} `too-many-attempts` when others failed meanwhile
   */
  async countFailure(attempt: LoginAttempt): Promise<void> {
    const until = await this.#store.add(this.#counted(attempt), LOGIN_LIMITS, this.#act(attempt));
    if (until !== null) await this.#refuse(attempt, until);
  }

  /** What was typed as a username is hashed: people type their password there. */
  #counted({ usernameKey, address, ...about }: LoginAttempt) {
    return { usernameHash: hashSecret(usernameKey), network: networkOf(address), ...about };
  }

  #act({ address }: LoginAttempt): Act {
    return { at: this.#clock(), by: 'person', address };
  }

  async #refuse(attempt: LoginAttempt, until: number): Promise<never> {
    // A client has as many addresses as it likes within its network: one record stands for them all.
    const act = { ...this.#act(attempt), address: networkOf(attempt.address) };
    const event = { kind: 'login throttled', accountId: attempt.accountId } as const;
    await this.#audit.addOnceSince(act.at - RECORD_GRAIN, event, act);
    const retryAfterSeconds = Math.max(1, Math.ceil((until - act.at) / 1000));
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
