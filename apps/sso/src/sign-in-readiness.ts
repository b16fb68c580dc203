/**
 * Tests whether a sign-in would work: the hasher verifies a password, and the database accepts a write. Runs
 * at most once every few seconds, so that clients can poll at any rate.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createDummyHash } from './accounts/hashing/argon2.ts';
import type { PasswordHasher } from './accounts/hashing/hasher.ts';
import type { Stores } from './storage/stores.ts';

/** A result is reused this long; a failure for less time, so that recovery shows soon. */
const MAX_AGE_MS = { success: 4000, failure: 1000 };
/** Longer than verifying a dummy hash takes on a busy machine. */
const TEST_TIMEOUT_MS = 4000;
/** Load balancers expect a response within 1 s. While a test takes longer, the previous result is reused. */
const RESPONSE_TIMEOUT_MS = 500;

export class Readiness {
  readonly #hasher: Pick<PasswordHasher, 'verify'>;
  readonly #stores: Pick<Stores, 'isReady' | 'tryWrite'>;
  #last: { wouldWork: boolean; endedAtMs: number } | undefined;
  #pending: Promise<boolean> | undefined;

  constructor(hasher: Pick<PasswordHasher, 'verify'>, stores: Pick<Stores, 'isReady' | 'tryWrite'>) {
    this.#hasher = hasher;
    this.#stores = stores;
  }

  /** Takes up to 1 s, except for the first call. */
  async isReady(): Promise<boolean> {
    const answers = await Promise.all([this.#stores.isReady(), this.#wouldWork()]);
    return answers.every(Boolean);
  }

  async #wouldWork(): Promise<boolean> {
    const last = this.#last;
    const maxAgeMs = last?.wouldWork ? MAX_AGE_MS.success : MAX_AGE_MS.failure;
    if (last !== undefined && performance.now() - last.endedAtMs < maxAgeMs) return last.wouldWork;
    this.#pending ??= this.#test();
    if (last === undefined) return await this.#pending;
    return await Promise.race([this.#pending, delay(RESPONSE_TIMEOUT_MS, last.wouldWork)]);
  }

  async #test(): Promise<boolean> {
    const answers = await Promise.all([this.#tryHash(), this.#stores.tryWrite()]);
    const wouldWork = answers.every(Boolean);
    this.#last = { wouldWork, endedAtMs: performance.now() };
    this.#pending = undefined;
    return wouldWork;
  }

  /** Verifies a wrong password, which needs the child process, its thread pool and its memory. */
  async #tryHash(): Promise<boolean> {
    const test = this.#hasher.verify(createDummyHash(), '', false).then(
      () => true,
      () => false,
    );
    return await Promise.race([test, delay(TEST_TIMEOUT_MS, false, { ref: false })]);
  }
}
