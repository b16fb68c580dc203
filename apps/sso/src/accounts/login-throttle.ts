/**
 * Bounds guessing: limits how many sign-ins from one network may fail within a window, for one account and
 * for all accounts together. Since limits count per network, an attacker elsewhere can't lock anybody out.
 * Wrong codes, which only somebody with the password can try, are also limited per account from anywhere.
 */
import { HttpProblem, sha256 } from '@samesite-sso/core';
import type {
  AuditContext,
  FailureLimits,
  FailureRecord,
  LoginFailureStore,
  NetworkLimits,
  ReachedLimit,
} from '../storage/stores.ts';
import { ANY_ADDRESS, CODE_LIMITS, clientNetworks, DEFAULT_LIMITS } from './client-networks.ts';

export const FAILURE_WINDOW_MS = 15 * 60 * 1000;

const ANYWHERE = { name: ANY_ADDRESS, ...CODE_LIMITS };

export interface LoginAttempt {
  usernameKey: string;
  /** The client's IP address. */
  address: string;
}

export class LoginThrottle {
  readonly #store: LoginFailureStore;
  readonly #clock: () => number;
  readonly #limits: NetworkLimits;

  /** @param limits for an IPv4 address or a /64; those of wider networks are multiples */
  constructor(store: LoginFailureStore, clock: () => number, limits = DEFAULT_LIMITS) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
  }

  /**
   * Writes nothing for a refused attempt, so the cost doesn't reveal whether the account exists.
   *
   * @throws {HttpProblem} `too-many-attempts` while throttled
   */
  async admit(attempt: LoginAttempt): Promise<void> {
    const now = this.#clock();
    throwIfReached(await this.#store.findReached(hashUsername(attempt), this.#limitsFor(attempt), now), now);
  }

  /**
   * Counts a failed sign-in. Of guesses that were admitted in parallel, those beyond the limit learn nothing.
   *
   * @throws {HttpProblem} `too-many-attempts` if other failures have reached the limit meanwhile
   */
  async countFailure(attempt: LoginAttempt, record: FailureRecord): Promise<void> {
    await this.#count(attempt, record, this.#limitsFor(attempt));
  }

  /**
   * Admits a code. At a sign-in, this follows {@link admit} and a right password.
   *
   * @throws {HttpProblem} `too-many-attempts` while the account's codes are throttled
   */
  async admitCode(attempt: LoginAttempt): Promise<void> {
    const now = this.#clock();
    const limits = { windowMs: FAILURE_WINDOW_MS, networks: [ANYWHERE] };
    throwIfReached(await this.#store.findReached(hashUsername(attempt), limits, now), now);
  }

  /** Counts a wrong code, like {@link countFailure} and from anywhere. */
  async countWrongCode(attempt: LoginAttempt, record: FailureRecord): Promise<void> {
    const { windowMs, networks } = this.#limitsFor(attempt);
    await this.#count(attempt, record, { windowMs, networks: [...networks, ANYWHERE] });
  }

  async #count(attempt: LoginAttempt, record: FailureRecord, limits: FailureLimits): Promise<void> {
    const failure = { usernameHash: hashUsername(attempt), ...record };
    const context: AuditContext = { at: this.#clock(), actor: 'person', address: attempt.address };
    throwIfReached(await this.#store.add(failure, limits, context), context.at);
  }

  #limitsFor({ address }: LoginAttempt): FailureLimits {
    return { windowMs: FAILURE_WINDOW_MS, networks: clientNetworks(address, this.#limits) };
  }
}

/** Hashed because people type their password into the username field by mistake. */
function hashUsername({ usernameKey }: LoginAttempt): Buffer {
  return sha256(usernameKey);
}

function throwIfReached(reached: ReachedLimit | null, now: number): void {
  if (reached === null) return;
  const { of, network, maxFailures, until } = reached;
  // Omits the network's name, so that `RefusedSignIns` counts under few reasons.
  const [, prefixBits] = network.split('/');
  const from = prefixBits === undefined ? 'one address' : `one /${prefixBits}`;
  const accounts = of === 'account' ? 'one account' : 'any accounts';
  const logReason =
    network === ANY_ADDRESS
      ? `${maxFailures} wrong codes for one account`
      : `${maxFailures} failures for ${accounts} from ${from}`;
  const retryAfterSeconds = Math.max(1, Math.ceil((until - now) / 1000));
  throw new HttpProblem('too-many-attempts', { retryAfterSeconds, logReason });
}
