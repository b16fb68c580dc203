/**
 * The keys as rows of a PostgreSQL database, for any number of instances. Private keys and times are sealed:
 * a row that was changed, or copied to another row or to another program's database, doesn't open.
 */
import { isDeepStrictEqual } from 'node:util';
import type { PostgresDatabase, Transaction } from '../database/postgres/postgres-database.ts';
import { DatabaseError } from '../files/config-error.ts';
import { escapeLine } from '../files/escape-control-characters.ts';
import { describeError } from '../problem/http-problem.ts';
import type { KeyEvent, KeyStore, StoredKeys } from './key-store.ts';
import { repeat } from './repeat.ts';
import type { SealingKeys } from './sealing-keys.ts';
import { exportKey, importKey, type Key } from './stored-key.ts';

/** Part of the first migration. The newest key has the highest id. */
export const SIGNING_KEY_TABLE = `
  CREATE TABLE signing_key (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kid text COLLATE "C" NOT NULL UNIQUE,
    sealed_key text COLLATE "C" NOT NULL
  )`;

/** How often each instance reads the keys. */
const REFRESH_INTERVAL_MS = 5000;

/**
 * An instance reads a change within {@link REFRESH_INTERVAL_MS}. The rest is for an instance that misses some
 * reads while the database fails over, and for clocks: this one's and the database's may differ by 2 s.
 */
const PROPAGATION_SECONDS = 60;

/** Held until the end of the transaction. The first number is this product's, and 1 is for migrations. */
const LOCK = 'SELECT pg_advisory_xact_lock(21328, 2)';

/** Returns a row with the time even if there is no key. */
const SELECT = `
  SELECT now, kid, sealed_key AS "sealedKey"
  FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now) AS clock
  LEFT JOIN signing_key ON true
  ORDER BY id DESC`;

interface Row {
  kid: string;
  sealedKey: string;
}

export interface PostgresKeyStoreOptions {
  /** What the keys are for, so that those of an app don't open as those of the SSO service. */
  purpose: 'sso signing key' | 'app signing key';
  sealing: SealingKeys;
  /** Replaces the database's clock, in milliseconds since the epoch. */
  clock?: (() => number) | undefined;
  /** Adds an audit record, in the transaction of the change. */
  record?: (event: KeyEvent, transaction: Transaction) => Promise<void>;
  refreshIntervalMs?: number;
}

/** @param database where {@link SIGNING_KEY_TABLE} exists */
export function postgresKeyStore(
  database: Pick<PostgresDatabase, 'query' | 'transact'>,
  {
    purpose,
    sealing,
    clock,
    record = async () => {},
    refreshIntervalMs = REFRESH_INTERVAL_MS,
  }: PostgresKeyStoreOptions,
): KeyStore {
  const seal = (key: Key) =>
    sealing.seal({ purpose, id: key.kid }, Buffer.from(JSON.stringify(exportKey(key))));

  const open = async ({ kid, sealedKey }: Row): Promise<Key> => {
    const { secret } = await sealing.open({ purpose, id: kid }, sealedKey);
    try {
      return importKey(JSON.parse(Buffer.from(secret).toString()));
    } catch {
      throw new DatabaseError(escapeLine(`the ${purpose} ${kid} isn't a valid key`));
    }
  };

  const readRows = async (source: Pick<Transaction, 'query'>) => {
    const { rows } = await source.query<Row & { now: number }>(SELECT);
    return {
      rows: rows.filter(({ kid }) => kid !== null).map(({ kid, sealedKey }) => ({ kid, sealedKey })),
      now: clock?.() ?? rows[0]?.now ?? Date.now(),
    };
  };

  // In order, so that each refresh reports the same row and the log has it once.
  const openAll = async (rows: readonly Row[]): Promise<Key[]> => {
    const keys: Key[] = [];
    for (const row of rows) keys.push(await open(row));
    return keys;
  };

  const readKeys = async (source: Pick<Transaction, 'query'>): Promise<StoredKeys> => {
    const { rows, now } = await readRows(source);
    return { keys: await openAll(rows), now };
  };

  return {
    place: 'signing key in the database',
    propagationSeconds: PROPAGATION_SECONDS,
    read: () => readKeys(database),
    change: (edit) =>
      runAlone(database, async (transaction) => {
        const current = await readKeys(transaction);
        const change = edit(current);
        const has = (keys: readonly Key[], kid: string) => keys.some((key) => key.kid === kid);
        const removed = current.keys.filter(({ kid }) => !has(change.keys, kid)).map(({ kid }) => kid);
        const added = change.keys.filter(({ kid }) => !has(current.keys, kid));
        await transaction.query('DELETE FROM signing_key WHERE kid = ANY ($1)', [removed]);
        for (const key of added.toReversed()) {
          const values = [key.kid, await seal(key)];
          await transaction.query('INSERT INTO signing_key (kid, sealed_key) VALUES ($1, $2)', values);
        }
        if (change.event !== null) await record(change.event, transaction);
        return change;
      }),
    reseal: () =>
      runAlone(database, async (transaction) => {
        const { rows } = await readRows(transaction);
        let resealed = 0;
        for (const { kid, sealedKey } of rows) {
          const name = { purpose, id: kid };
          const { secret, isCurrent } = await sealing.open(name, sealedKey);
          if (isCurrent) continue;
          const values = [kid, await sealing.seal(name, secret)];
          await transaction.query('UPDATE signing_key SET sealed_key = $2 WHERE kid = $1', values);
          resealed += 1;
        }
        const result = { resealed, total: rows.length };
        if (resealed > 0) await record({ kind: 'resealed', ...result }, transaction);
        return result;
      }),
    async follow(warn) {
      let { rows } = await readRows(database);
      let keys = await openAll(rows);
      const refresh = async () => {
        const { rows: newRows } = await readRows(database);
        if (isDeepStrictEqual(newRows, rows)) return;
        if (newRows.length === 0) throw new DatabaseError('the database no longer has a signing key');
        keys = await openAll(newRows);
        rows = newRows;
      };
      const close = repeat(refresh, refreshIntervalMs, (error) =>
        warn(`${describeError(error)}; the keys read before stay in use`),
      );
      return { current: () => keys, close };
    },
  };
}

/**
 * Runs a transaction while no other one changes the keys. It may wait for the lock longer than a request may
 * take: keys change only on the command line, and at the first start, when several instances may wait.
 */
function runAlone<Result>(
  database: Pick<PostgresDatabase, 'transact'>,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  return database.transact(
    async (transaction) => {
      await transaction.query(LOCK);
      return await work(transaction);
    },
    { isBulk: true },
  );
}
