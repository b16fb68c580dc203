/**
 * Moves everything from a SQLite database and its key file to an empty PostgreSQL database, while no server
 * runs on either. It is one transaction: if it fails, the new database is empty and the old one is unchanged.
 */
import type Sqlite from 'better-sqlite3';
import type { PostgresDatabase, Transaction } from '../database/postgres/postgres-database.ts';
import { markAsMoved } from '../database/sqlite/moved-mark.ts';
import type { SqliteDatabase } from '../database/sqlite/sqlite-database.ts';
import { DatabaseError } from '../files/config-error.ts';
import { fileKeyStore } from '../keys/file-key-store.ts';
import { keyFileOf } from '../keys/key-file.ts';
import { type PostgresKeyStoreOptions, postgresKeyStore } from '../keys/postgres-key-store.ts';
import { describeError, HttpProblem } from '../problem/http-problem.ts';
import { copyTable } from './copy-table.ts';
import { openSource } from './source-database.ts';
import { planTables, type TablePlan } from './table-plan.ts';

export interface Move {
  /** The SQLite database. */
  file: string;
  /** The newest schema of SQLite. */
  migrations: readonly string[];
  /** The first is of a table that every version has. */
  plans: readonly TablePlan[];
  /** Tables whose rows mean nothing to the new servers. */
  unmoved: readonly string[];
  /** Opens the PostgreSQL database. */
  openTarget: () => Promise<PostgresDatabase>;
  /** The name of the PostgreSQL database in messages. */
  target: string;
  /** How the signing keys are sealed there. */
  keys: Pick<PostgresKeyStoreOptions, 'purpose' | 'sealing'>;
  /** Records the move in the same transaction, after everything is counted. */
  record?: (transaction: Transaction, database: PostgresDatabase) => Promise<void>;
}

export interface Moved {
  /** The number of rows of each table, equal in both databases. */
  tables: { table: string; rows: number }[];
  /** One line each. */
  warnings: string[];
}

/** @throws {ConfigError} whose message is one line */
export async function moveToPostgres(move: Move): Promise<Moved> {
  const source = openSource(move.file, move.migrations, move.plans[0]?.name ?? '');
  try {
    await fileKeyStore(keyFileOf(move.file)).read(); // Fail before the copy if the keys can't be read.
    const database = await move.openTarget();
    try {
      const { tables, warnings } = await copyAll(move, source, database);
      return { tables, warnings: [...warnings, ...mark(move, source)] };
    } finally {
      await database.close();
    }
  } finally {
    if (source.sqlite.inTransaction) source.sqlite.exec('ROLLBACK');
    source.close();
  }
}

async function copyAll(move: Move, source: SqliteDatabase, database: PostgresDatabase): Promise<Moved> {
  let isCopied = false;
  try {
    return await database.transact(
      async (transaction) => {
        isCopied = false;
        const copied = await copyTables(move, source.sqlite, database, transaction);
        isCopied = true;
        return copied;
      },
      { isBulk: true },
    );
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    const outcome = isCopied
      ? 'the copy may be complete or missing; create that database anew and repeat the command'
      : 'nothing was moved';
    throw new DatabaseError(`${move.target} can't be used: ${describeError(error)}; ${outcome}`);
  }
}

async function copyTables(
  { file, plans, unmoved, target, keys, record }: Move,
  sqlite: Sqlite.Database,
  database: PostgresDatabase,
  transaction: Transaction,
): Promise<Moved> {
  await requireEmpty(transaction, target);
  const tables = await planTables(sqlite, transaction, plans, unmoved);
  const warnings: string[] = [];
  for (const table of tables) warnings.push(...(await copyTable(sqlite, transaction, table)));
  const movedKeys = await moveKeys(file, transaction, keys);
  const counts = tables.map(({ name }) => ({ table: name, rows: countRows(sqlite, name) }));
  counts.push({ table: 'signing_key', rows: movedKeys });
  for (const { table, rows } of counts) await requireCount(transaction, table, rows);
  await record?.(transaction, database);
  return { tables: counts, warnings };
}

/** Also locks all tables, so that no server uses the database meanwhile. */
async function requireEmpty(transaction: Transaction, target: string): Promise<void> {
  const { rows: tables } = await transaction.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
       AND relname <> 'samesite_sso_schema'
     ORDER BY relname`,
  );
  const names = tables.map(({ name }) => name);
  await transaction.query(`LOCK TABLE ${names.join(', ')} IN ACCESS EXCLUSIVE MODE`);
  for (const name of names) {
    const { count } = await transaction.query(`SELECT FROM ${name} LIMIT 1`);
    if (count > 0)
      throw new DatabaseError(`${target} isn't empty: the table ${name} has rows; name an empty database`);
  }
}

/** Copies the signing keys, sealed. @returns their number */
async function moveKeys(file: string, transaction: Transaction, options: Move['keys']): Promise<number> {
  const { keys } = await fileKeyStore(keyFileOf(file)).read();
  const target = postgresKeyStore(
    {
      query: (text, values) => transaction.query(text, values),
      transact: (work) => work(transaction),
    },
    options,
  );
  await target.change(() => ({ keys, event: null }));
  return keys.length;
}

function countRows(sqlite: Sqlite.Database, table: string): number {
  return sqlite.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? 0;
}

async function requireCount(transaction: Transaction, table: string, expected: number): Promise<void> {
  const { rows } = await transaction.query<{ count: number }>(`SELECT count(*) FROM ${table}`);
  const found = rows[0]?.count;
  if (found !== expected)
    throw new DatabaseError(`${table} has ${expected} rows, but ${found} arrived; nothing was moved`);
}

/**
 * Marks the old database. The copy is already complete, so a failure is only a warning.
 *
 * @returns the warning, if any
 */
function mark({ file, target }: Move, { sqlite }: SqliteDatabase): string[] {
  try {
    markAsMoved(sqlite, target, Date.now());
    sqlite.exec('COMMIT');
    return [];
  } catch (error) {
    return [
      `${file} can't be marked as moved, so a server could still start on it: ${(error as Error).message}`,
    ];
  }
}
