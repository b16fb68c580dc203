/**
 * Bounds guessing: limits how many sign-ins may fail within a window from one network, for one account and
 * for all accounts together. A stranger on another network therefore can't lock anybody out.
 */
import { HttpProblem, sha256 } from '@samesite-sso/core';
import type { AuditContext, FailureLimits, LoginFailureStore, ReachedLimit } from '../storage/stores.ts';
import { clientNetworks, DEFAULT_LIMITS, type NetworkLimits } from './client-networks.ts';

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
  readonly #limits: NetworkLimits;

  /** @param limits of an address or a /64; those of wider networks follow from them */
  constructor(store: LoginFailureStore, clock: () => number, limits = DEFAULT_LIMITS) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
  }

  /**
   * Nothing is written for a refused attempt, so that it costs the same whether or not the account exists.
   *
   * @throws {HttpProblem} `too-many-attempts` while throttled, whatever the password
   */
  async admit(attempt: LoginAttempt): Promise<void> {
    const now = this.#clock();
    refuseReached(await this.#store.findReached(hashUsername(attempt), this.#limitsFor(attempt), now), now);
  }

  /**
   * Counts a failed sign-in. Of guesses that were admitted together, those beyond the limit learn nothing.
   *
   * @throws {HttpProblem} `too-many-attempts` when other failures have reached the limit meanwhile
   */
  async countFailure(attempt: LoginAttempt, record: FailureRecord): Promise<void> {
    const failure = { usernameHash: hashUsername(attempt), ...record };
    const context: AuditContext = { at: this.#clock(), actor: 'person', address: attempt.address };
    refuseReached(await this.#store.add(failure, this.#limitsFor(attempt), context), context.at);
  }

  #limitsFor({ address }: LoginAttempt): FailureLimits {
    return { windowMs: FAILURE_WINDOW_MS, networks: clientNetworks(address, this.#limits) };
  }
}

/** The username is hashed because people type their password there by mistake. */
function hashUsername({ usernameKey }: LoginAttempt): Buffer {
  return sha256(usernameKey);
}

function refuseReached(reached: ReachedLimit | null, now: number): void {
  if (reached === null) return;
  const retryAfterSeconds = Math.max(1, Math.ceil((reached.until - now) / 1000));
  throw new HttpProblem('too-many-attempts', { retryAfterSeconds, logReason: describeLimit(reached) });
}

/** Leaves out the network's name, so that refusals are tallied under few reasons. */
function describeLimit({ of, network, maxFailures }: ReachedLimit): string {
  const [, prefixBits] = network.split('/');
  const from = prefixBits === undefined ? 'one address' : `one /${prefixBits}`;
  return `${maxFailures} failures for ${of === 'account' ? 'one account' : 'any accounts'} from ${from}`;
}
