/**
 * Sign-outs from the whole site that are to be delivered to the SSO service. They are in the app's database,
 * so they survive restarts, and any process on the database may deliver them. `app-sessions.ts` records them
 * in the transaction that ends the app sessions; `ended-sessions.ts` purges them.
 */
import type { Database } from '@samesite-sso/core';

/** How long a claim lasts if its process dies before settling it: longer than a request takes. */
export const CLAIM_MS = 5000;

export class SignOutQueue {
  readonly #database: Database;
  readonly #clock: () => number;
  readonly #statements: ReturnType<typeof prepareStatements>;

  constructor(database: Database, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
    this.#statements = prepareStatements(database);
  }

  /** Whether any sign-out is undelivered, claimed or not. */
  isPending(): boolean {
    return this.#database.attempt(() => this.#statements.findPending.get(this.#clock())) !== undefined;
  }

  /** Claims `sid`s, the least recently tried first, so that no other process delivers them meanwhile. */
  async claim(limit: number): Promise<string[]> {
    const claim = { now: this.#clock(), limit };
    // Read first, so that a poll takes no write lock when nothing is due.
    if (this.#database.attempt(() => this.#statements.findDue.get(claim)) === undefined) return [];
    return await this.#database.write(() => this.#statements.claim.all(claim));
  }

  /** Marks sign-outs as delivered, and releases the claims on those that failed. */
  async settle(delivered: readonly string[], failed: readonly string[]): Promise<void> {
    await this.#database.write(() => this.#statements.settle(delivered, failed, this.#clock()));
  }
}

function prepareStatements({ sqlite }: Database) {
  // A claim that ends later than `CLAIM_MS` from now was made before the clock was set back.
  const isDue = `told_at IS NULL AND ends_at > :now
    AND (claimed_until <= :now OR claimed_until > :now + ${CLAIM_MS})`;
  const markDelivered = sqlite.prepare(
    'UPDATE site_sign_out SET told_at = ? WHERE sid IN (SELECT value FROM json_each(?))',
  );
  const release = sqlite.prepare(
    'UPDATE site_sign_out SET claimed_until = ? WHERE sid IN (SELECT value FROM json_each(?))',
  );
  return {
    findPending: sqlite.prepare<[number]>(
      'SELECT 1 FROM site_sign_out WHERE told_at IS NULL AND ends_at > ? LIMIT 1',
    ),
    findDue: sqlite.prepare<[{ now: number }]>(`SELECT 1 FROM site_sign_out WHERE ${isDue} LIMIT 1`),
    claim: sqlite
      .prepare<[{ now: number; limit: number }], string>(
        `UPDATE site_sign_out SET claimed_until = :now + ${CLAIM_MS} WHERE rowid IN
           (SELECT rowid FROM site_sign_out WHERE ${isDue} ORDER BY claimed_until LIMIT :limit)
         RETURNING sid`,
      )
      .pluck(),
    settle: (delivered: readonly string[], failed: readonly string[], now: number) => {
      markDelivered.run(now, JSON.stringify(delivered));
      release.run(now, JSON.stringify(failed));
    },
  };
}
