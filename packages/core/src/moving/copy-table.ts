/** Copies the rows of a table in batches, so that memory use stays constant. */
import type Sqlite from 'better-sqlite3';
import type { Transaction } from '../database/postgres/postgres-database.ts';
import { isRolledBack } from '../database/postgres/unavailability.ts';
import { isStorableText, toStorableText } from '../database/storable-text.ts';
import { DatabaseError } from '../files/config-error.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import type { MovedColumn, MovedTable } from './table-plan.ts';

const BATCH_ROWS = 2000;

/** Begins with the `rowid`. */
type Row = [rowid: number, ...values: unknown[]];

/**
 * @returns warnings about texts that were changed because PostgreSQL can't store them
 * @throws {DatabaseError} that names the row or the batch of rows that PostgreSQL rejects
 */
export async function copyTable(
  sqlite: Sqlite.Database,
  transaction: Transaction,
  { name, columns, identity }: MovedTable,
): Promise<string[]> {
  const readBatch = sqlite
    .prepare<[number], Row>(
      `SELECT rowid, ${columns.map(({ source }) => source).join(', ')} FROM ${name}
       WHERE rowid > ? ORDER BY rowid LIMIT ${BATCH_ROWS}`,
    )
    .raw();
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`);
  // Without OVERRIDING, the sequence of an `id` would give new ones.
  const insert = `INSERT INTO ${name} (${columns.map((column) => column.name).join(', ')})
    OVERRIDING SYSTEM VALUE SELECT * FROM unnest(${arrays.join(', ')})`;
  const converters = columns.map((column) => new ColumnConverter(name, column));
  let inserted = Promise.resolve();
  let lastRow = Number.MIN_SAFE_INTEGER;
  for (;;) {
    // This process reads and converts a batch while PostgreSQL inserts the one before.
    const batch = readBatch.all(lastRow);
    const values = converters.map((converter, index) => converter.convert(batch, index + 1));
    await inserted;
    if (batch.length === 0) break;
    const firstRow = batch[0]?.[0];
    lastRow = batch.at(-1)?.[0] ?? 0;
    inserted = transaction.query(insert, values).then(
      () => undefined,
      (error) => {
        throw nameRows(error, `${name}, rows ${firstRow} to ${lastRow}`);
      },
    );
    inserted.catch(() => {}); // If converting the next batch throws, nothing else handles a rejection.
  }
  if (identity !== undefined) await continueSequence(sqlite, transaction, name, identity);
  // Otherwise PostgreSQL would plan the first queries for an empty table.
  await transaction.query(`ANALYZE ${name}`);
  return converters.flatMap(({ warning }) => warning ?? []);
}

/** Converts the values of one column. */
class ColumnConverter {
  #changedRows = 0;
  #firstChangedRow = 0;
  readonly #table: string;
  readonly #column: MovedColumn;

  constructor(table: string, column: MovedColumn) {
    this.#table = table;
    this.#column = column;
  }

  get warning(): string | undefined {
    if (this.#changedRows === 0) return undefined;
    return (
      `${this.#table}: PostgreSQL can't store the NUL characters in ${this.#column.name} of ` +
      `${this.#changedRows} rows (the first is row ${this.#firstChangedRow}): each is now U+FFFD`
    );
  }

  convert(batch: readonly Row[], index: number): unknown[] {
    const { type, convert } = this.#column;
    if (convert !== undefined) return batch.map((row) => convert(row[index]));
    if (type === 'boolean') return batch.map((row) => row[index] !== 0);
    if (type === 'text') return batch.map((row) => this.#toStorable(row[index] as string | null, row[0]));
    return batch.map((row) => row[index]);
  }

  #toStorable(text: string | null, row: number): string | null {
    if (text === null || isStorableText(text)) return text;
    const { name, isDescriptive } = this.#column;
    if (!isDescriptive) {
      throw new DatabaseError(
        `${this.#table}, row ${row}: its ${name} contains a NUL character, which PostgreSQL can't store`,
      );
    }
    if (this.#changedRows === 0) this.#firstChangedRow = row;
    this.#changedRows += 1;
    return toStorableText(text);
  }
}

/** New rows get ids after all that were ever used, since the ids of deleted rows may be in logs. */
async function continueSequence(
  sqlite: Sqlite.Database,
  transaction: Transaction,
  table: string,
  column: string,
): Promise<void> {
  const lastId = sqlite
    .prepare<{ table: string }, number>(
      `SELECT max(coalesce((SELECT max(rowid) FROM ${table}), 0),
         coalesce((SELECT seq FROM sqlite_sequence WHERE name = :table), 0))`,
    )
    .pluck()
    .get({ table });
  if (!lastId) return;
  await transaction.query('SELECT setval(pg_get_serial_sequence($1, $2), $3)', [table, column, lastId]);
}

/** Adds the rows to an error about them. A lost connection or a deadlock has nothing to do with them. */
function nameRows(error: unknown, rows: string): unknown {
  if (error instanceof HttpProblem || isRolledBack(error)) return error;
  return new DatabaseError(`${rows}: ${(error as Error).message}`);
}
