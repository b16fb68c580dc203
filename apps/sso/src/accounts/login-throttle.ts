/**
 * Bounds guessing: limits how many sign-ins may fail within a window from one network, for one account and
 * for all accounts together. A stranger on another network therefore can't lock anybody out.
 */
import { hashSecret, Refusal } from '@samesite-sso/service';
import type { Act, LoginFailureStore } from '../storage/stores.ts';
import { clientNetworks } from './client-networks.ts';

export const FAILURE_WINDOW_MS = 15 * 60 * 1000;

export interface LoginAttempt {
  usernameKey: string;
  /** The client's IP address. */
  address: string;
}

/** What the audit record of a failure says besides who and from where. */
export interface FailureRecord {
  /** The account that was meant, if there is one. */
  accountId: string | null;
  /** The session that the password was asked in, if not at a sign-in. */
  sid?: string;
  /** Why it failed, if not by a wrong password at a sign-in. */
  detail?: string;
}

export class LoginThrottle {
  readonly #store: LoginFailureStore;
  readonly #clock: () => number;

  constructor(store: LoginFailureStore, clock: () => number) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Nothing is written for a refused attempt, so that it costs the same whether or not the account exists.
   *
   * @throws {Refusal} `too-many-attempts` while throttled, whatever the password
   */
  async admit(attempt: LoginAttempt): Promise<void> {
    const now = this.#clock();
    const { usernameHash, limits } = toCounted(attempt);
    refuseUntil(await this.#store.throttledUntil(usernameHash, limits, now), now);
  }

  /**
   * Counts a failed sign-in. Of guesses that were admitted together, those beyond the limit learn nothing.
   *
   * @throws {Refusal} `too-many-attempts` when other failures have reached the limit meanwhile
   */
  async countFailure(attempt: LoginAttempt, record: FailureRecord): Promise<void> {
    const { usernameHash, limits } = toCounted(attempt);
    const act: Act = { at: this.#clock(), by: 'person', address: attempt.address };
    refuseUntil(await this.#store.add({ usernameHash, ...record }, limits, act), act.at);
  }
}

/** The username is hashed because people type their password there by mistake. */
function toCounted({ usernameKey, address }: LoginAttempt) {
  const limits = { windowMs: FAILURE_WINDOW_MS, networks: clientNetworks(address) };
  return { usernameHash: hashSecret(usernameKey), limits };
}

function refuseUntil(until: number | null, now: number): void {
  if (until === null) return;
  throw new Refusal('too-many-attempts', { retryAfterSeconds: Math.max(1, Math.ceil((until - now) / 1000)) });
}
