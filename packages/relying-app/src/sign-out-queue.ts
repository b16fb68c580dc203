/**
 * The sign-outs from the whole site that the SSO service hasn't been told about. They are in the app's
 * database, so they survive restarts, and any process that shares the database may deliver them.
 * `app-sessions.ts` records them, in the transaction that ends the app sessions, and purges them.
 */
import type { Database } from '@samesite-sso/core';

/**
 * How long a claim lasts if its process dies before it settles it. Longer than a request to the SSO service
 * takes.
 */
export const CLAIM_MS = 5000;

export class SignOutQueue {
  readonly #database: Database;
  readonly #clock: () => number;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
    this.#statements = prepare(database);
  }

  /** Whether any sign-out is undelivered, whichever process has claimed it. */
  isPending(): boolean {
    return this.#database.attempt(() => this.#statements.findPending.get(this.#clock())) !== undefined;
  }

  /**
   * Claims some `sid`s, the least recently tried first, so that no other process delivers them meanwhile.
   */
  async claim(limit: number): Promise<string[]> {
    const claim = { now: this.#clock(), limit };
    // Read first, so that a poll takes no write lock when nothing is due.
    if (this.#database.attempt(() => this.#statements.findDue.get(claim)) === undefined) return [];
    return await this.#database.run(() => this.#statements.claim.all(claim));
  }

  /** Marks what the SSO service has been told, and releases the claims on the rest. */
  async settle({ told, untold }: { told: readonly string[]; untold: readonly string[] }): Promise<void> {
    await this.#database.run(() => this.#statements.settle(told, untold, this.#clock()));
  }
}

function prepare({ sqlite }: Database) {
  // A claim that ends later than `CLAIM_MS` from now was made before the clock was set back.
  const isDue = `told_at IS NULL AND ends_at > :now
    AND (claimed_until <= :now OR claimed_until > :now + ${CLAIM_MS})`;
  const setTold = sqlite.prepare(
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
    settle: sqlite.transaction((told: readonly string[], untold: readonly string[], now: number) => {
      setTold.run(now, JSON.stringify(told));
      release.run(now, JSON.stringify(untold));
    }).immediate,
  };
}
