/**
 * Whether a sign-in would work now: the hasher checks a password and the database takes a write. Both are
 * tried for real and at most once in a few seconds, so that anyone may ask at any rate.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createDummyHash } from './passwords/argon2.ts';
import type { PasswordHasher } from './passwords/hasher.ts';
import type { Stores } from './storage/stores.ts';

/** How long an outcome stands: a bad one for less, so that a recovery is seen soon. */
const STANDS_FOR_MS = { good: 4000, bad: 1000 };
/** Longer than a dummy hash takes on a busy machine. */
const TRIAL_TIMEOUT_MS = 4000;
/** Balancers want an answer within 1 s. While a trial takes longer, the outcome before it stands. */
const ANSWER_WITHIN_MS = 500;

export class Readiness {
  readonly #hasher: Pick<PasswordHasher, 'verify'>;
  readonly #stores: Pick<Stores, 'isReady' | 'tryWrite'>;
  #last: { canHash: boolean; endedAtMs: number } | undefined;
  #trial: Promise<boolean> | undefined;

  constructor(hasher: Pick<PasswordHasher, 'verify'>, stores: Pick<Stores, 'isReady' | 'tryWrite'>) {
    this.#hasher = hasher;
    this.#stores = stores;
  }

  /** @returns within 1 s, but for the first time */
  async isReady(): Promise<boolean> {
    const canHash = this.#canHash();
    if (!(await this.#stores.isReady())) return false;
    // Asked once more after a trial, since they know then of a write that has failed.
    return (await canHash) && (await this.#stores.isReady());
  }

  async #canHash(): Promise<boolean> {
    const last = this.#last;
    const standsForMs = last?.canHash ? STANDS_FOR_MS.good : STANDS_FOR_MS.bad;
    if (last !== undefined && performance.now() - last.endedAtMs < standsForMs) return last.canHash;
    this.#trial ??= this.#try();
    if (last === undefined) return await this.#trial;
    return await Promise.race([this.#trial, delay(ANSWER_WITHIN_MS, last.canHash)]);
  }

  async #try(): Promise<boolean> {
    const [canHash] = await Promise.all([this.#tryHash(), this.#stores.tryWrite()]);
    this.#last = { canHash, endedAtMs: performance.now() };
    this.#trial = undefined;
    return canHash;
  }

  /** Checks a password that can't be right: that takes the child, its thread pool and its memory. */
  async #tryHash(): Promise<boolean> {
    const trial = this.#hasher.verify(createDummyHash(), '', false).then(
      () => true,
      () => false,
    );
    return await Promise.race([trial, delay(TRIAL_TIMEOUT_MS, false, { ref: false })]);
  }
}
