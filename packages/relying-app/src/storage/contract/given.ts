/** The setup of every contract test: two connections to one empty store, and functions that fill it. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { AppStore, Logout, NewAppSession } from '../app-store.ts';

export interface StoreTest {
  /** A sentence that says what holds. */
  title: string;
  /**
   * Rejects if it doesn't hold, and closes what it has opened.
   *
   * @param open opens a connection like that of another process, or of the same one after a restart. All
   *   connections of one run are to the same store, which is empty before the first is opened.
   */
  run(open: () => Promise<AppStore>): Promise<void>;
}

export type Given = Awaited<ReturnType<typeof connect>>;

export const NOW = Date.parse('2026-11-22T12:00:00Z');
export const SECOND_MS = 1000;
export const HOUR_MS = 3_600_000;
/** The lifetime of the app sessions that the tests start. */
export const LIFETIME_MS = 1_800_000;
export const ACCOUNT = { id: 'a1', username: 'ada', displayName: 'Ada Lovelace' };
/** What the sessions say of the sign-in. */
export const SIGN_IN = {
  authenticatedAt: NOW - SECOND_MS,
  amr: ['pwd'],
  groups: ['admins', 'staff'],
} satisfies Partial<NewAppSession>;

/** Far more than any test needs, so that a store that always reports more fails its test. */
const MAX_CALLS = 2000;

/** A race can end in several ways, so it is repeated. */
export const ROUNDS = 20;

export function storeTest(title: string, work: (given: Given) => Promise<void>): StoreTest {
  return {
    title,
    run: async (open) => {
      const given = await connect(open);
      try {
        await work(given);
      } finally {
        await given.close();
      }
    },
  };
}

async function connect(open: () => Promise<AppStore>) {
  /** Like those of two processes. */
  const connections = { store: await open(), other: await open() };

  async function close(): Promise<void> {
    await connections.store.close();
    await connections.other.close();
  }
  async function isActive(tokenHash: Buffer, now = NOW): Promise<boolean> {
    const { store, other } = connections;
    const found = await Promise.all([store, other].map(({ sessions }) => sessions.find(tokenHash, now)));
    assert.deepEqual(found[0], found[1]);
    return found[0] !== null;
  }
  return Object.assign(connections, {
    close,
    /** Closes the connections, and opens new ones. */
    async restart(): Promise<void> {
      await close();
      connections.store = await open();
      connections.other = await open();
    },
    /** Calls both connections alternately, all in parallel. */
    async inParallel<Result>(
      times: number,
      call: (store: AppStore, index: number) => Promise<Result>,
    ): Promise<Result[]> {
      const { store, other } = connections;
      return await Promise.all(
        Array.from({ length: times }, (_, index) => call(index % 2 === 0 ? store : other, index)),
      );
    },
    /** Starts a session, which must succeed. @returns its hash */
    async start(changes: Partial<NewAppSession> = {}, replaced: Buffer | null = null): Promise<Buffer> {
      const session = newSession(changes);
      assert.equal(await connections.store.sessions.start(session, replaced), true, 'the start is accepted');
      return session.tokenHash;
    },
    /** Whether the session with this hash is active, on which both connections must agree. */
    isActive,
    activeOf: (hashes: readonly Buffer[]) => Promise.all(hashes.map((tokenHash) => isActive(tokenHash))),
    /** Purges until nothing more has expired. @returns in how many calls */
    async purge(now: number): Promise<number> {
      let calls = 0;
      while (await connections.store.sessions.purgeExpired(now)) {
        calls += 1;
        assert.ok(calls < MAX_CALLS, 'a purge that changes nothing says so');
      }
      return calls;
    },
    /** Reads the log from a position on to its end. */
    async readLog(position: string, { endedSessions }: AppStore = connections.store): Promise<string[]> {
      const all: string[] = [];
      let batch = await endedSessions.readAfter(position);
      while (batch.sids.length > 0) {
        for (const sid of batch.sids) all.push(sid);
        assert.ok(all.length < MAX_CALLS, 'the log has an end');
        batch = await endedSessions.readAfter(batch.position);
      }
      return all;
    },
  });
}

export function newSession(changes: Partial<NewAppSession> = {}): NewAppSession {
  const startedAt = changes.startedAt ?? NOW;
  return {
    tokenHash: randomBytes(32),
    sid: 's1',
    account: ACCOUNT,
    startedAt,
    endsAt: startedAt + LIFETIME_MS,
    tokenIssuedAt: startedAt,
    ssoEndsAt: startedAt + 12 * HOUR_MS,
    ...SIGN_IN,
    ...changes,
  };
}

export function newLogout(changes: Partial<Logout> = {}): Logout {
  return { sid: 's1', jti: randomUUID(), issuedAt: NOW, ...changes };
}
