/**
 * Which sign-outs from the whole site the SSO service is still to be told of, in the app's database: they
 * outlive restarts, and any process that shares the database may tell. `app-sessions.ts` records them, in the
 * transaction that ends the app sessions, and purges them.
 */
import type { Database } from '@samesite-sso/service';

/**
 * How long a claim lasts that its process neither settles nor releases, because it died: longer than a
 * request to the SSO service takes.
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

  /** Whether the SSO service is still to be told of any, by this process or another. */
  isPending(): boolean {
    return this.#database.attempt(() => this.#statements.findPending.get(this.#clock())) !== undefined;
  }

  /**
   * Claims some `sid`s, those tried least recently first: no other process tells the SSO service of them
   * meanwhile.
   */
  async claim(limit: number): Promise<string[]> {
    const claim = { now: this.#clock(), limit };
    // A read first: where nothing is due, a poll takes no write lock.
    if (this.#database.attempt(() => this.#statements.findDue.get(claim)) === undefined) return [];
    return await this.#database.run(() => this.#statements.claim.all(claim));
  }

  /** The SSO service knows of these. Of the others that were claimed, it may be told again. */
  async settle({ told, untold }: { told: readonly string[]; untold: readonly string[] }): Promise<void> {
    await this.#database.run(() => this.#statements.settle(told, untold, this.#clock()));
  }
}

function prepare({ sqlite }: Database) {
  // A claim that lasts longer than any does was made before the clock was set back.
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
