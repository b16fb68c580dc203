/** Matches the columns of each SQLite table with those of the PostgreSQL table. */
import type Sqlite from 'better-sqlite3';
import type { Transaction } from '../database/postgres/postgres-database.ts';

/** How the rows of one table are moved. Columns have the same names unless `sources` says otherwise. */
export interface TablePlan {
  name: string;
  /** Columns of PostgreSQL whose values come from another column, or are converted. */
  sources?: Readonly<Record<string, Source>>;
  /** Text columns that no lookup uses. Characters that PostgreSQL can't store are replaced in them. */
  descriptive?: readonly string[];
}

export interface Source {
  column: string;
  /** By default, the value stays the same. */
  convert?: (value: unknown) => unknown;
}

export interface MovedColumn {
  /** Its name in PostgreSQL. */
  name: string;
  type: string;
  /** An expression in SQLite. */
  source: string;
  convert: ((value: unknown) => unknown) | undefined;
  isDescriptive: boolean;
}

export interface MovedTable {
  name: string;
  columns: MovedColumn[];
  /** The column whose values come from a sequence, if there is one. */
  identity: string | undefined;
}

interface Column {
  table: string;
  name: string;
  type: string;
  isIdentity: boolean;
}

const FIND_COLUMNS = `
  SELECT relname AS "table", attname AS name, format_type(atttypid, NULL) AS type,
    attidentity <> '' AS "isIdentity"
  FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
  WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
  ORDER BY relname, attnum`;

/**
 * @param plans all tables that are moved, each after those that it references
 * @param unmoved tables whose rows mean nothing to the new servers
 * @throws {Error} if the rows of a table or the values of a column would be lost: the plans are incomplete
 */
export async function planTables(
  sqlite: Sqlite.Database,
  transaction: Transaction,
  plans: readonly TablePlan[],
  unmoved: readonly string[],
): Promise<MovedTable[]> {
  const { rows: columns } = await transaction.query<Column>(FIND_COLUMNS);
  const tables = sqlite
    .prepare<[], string>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    )
    .pluck()
    .all();
  const forgotten = tables.filter(
    (name) => !unmoved.includes(name) && !plans.some((plan) => plan.name === name),
  );
  if (forgotten.length > 0) throw new Error(`no plan moves the table ${forgotten.join(', ')}`);
  return plans.map((plan) =>
    planTable(
      sqlite,
      plan,
      columns.filter(({ table }) => table === plan.name),
    ),
  );
}

function planTable(sqlite: Sqlite.Database, plan: TablePlan, columns: readonly Column[]): MovedTable {
  const { name, sources = {}, descriptive = [] } = plan;
  const stored = sqlite.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(name);
  const moved = columns.flatMap(({ name, type, isIdentity }): MovedColumn[] => {
    const { column = name, convert } = sources[name] ?? {};
    // Without an id column, the rows of SQLite are ordered by `rowid`.
    const source = stored.includes(column) ? column : isIdentity ? 'rowid' : null;
    if (source === null) return []; // PostgreSQL fills in the default.
    return [{ name, type, source, convert, isDescriptive: descriptive.includes(name) }];
  });
  const lost = stored.filter((column) => !moved.some(({ source }) => source === column));
  if (lost.length > 0) throw new Error(`no plan moves the column ${lost.join(', ')} of ${name}`);
  return { name, columns: moved, identity: columns.find(({ isIdentity }) => isIdentity)?.name };
}
