import Sqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Transaction } from '../database/postgres/postgres-database.ts';
import { planTables, type TablePlan } from './table-plan.ts';

/** Columns of a table in PostgreSQL. */
const NOTE = [
  { table: 'note', name: 'id', type: 'bigint', isIdentity: true },
  { table: 'note', name: 'text', type: 'text', isIdentity: false },
  { table: 'note', name: 'text_hash', type: 'bytea', isIdentity: false },
  { table: 'note', name: 'added_in', type: 'xid8', isIdentity: false },
];
const transaction = { query: async () => ({ rows: NOTE, count: NOTE.length }) } as unknown as Transaction;
const convert = (text: unknown) => Buffer.from(String(text));
const PLAN: TablePlan = {
  name: 'note',
  sources: { text_hash: { column: 'text', convert } },
  descriptive: ['text'],
};

function plan(schema: string, unmoved: string[] = []) {
  const sqlite = new Sqlite(':memory:');
  onTestFinished(() => void sqlite.close());
  sqlite.exec(schema);
  return planTables(sqlite, transaction, [PLAN], unmoved);
}

describe('the plan of a move', () => {
  test('has all columns that both databases have, under their names in PostgreSQL', async () => {
    const [table] = await plan('CREATE TABLE note (text TEXT)');
    expect(table).toEqual({
      name: 'note',
      identity: 'id',
      columns: [
        { name: 'id', type: 'bigint', source: 'rowid', convert: undefined, isDescriptive: false },
        { name: 'text', type: 'text', source: 'text', convert: undefined, isDescriptive: true },
        { name: 'text_hash', type: 'bytea', source: 'text', convert, isDescriptive: false },
      ],
    });
  });

  test("keeps a row's id", async () => {
    const [table] = await plan('CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)');
    expect(table?.columns[0]).toMatchObject({ name: 'id', source: 'id' });
  });

  test('is refused if the values of a column or the rows of a table would be lost', async () => {
    await expect(plan('CREATE TABLE note (text TEXT, read_at INTEGER)')).rejects.toThrow(
      'no plan moves the column read_at of note',
    );
    const schema = 'CREATE TABLE note (text TEXT); CREATE TABLE lease (holder TEXT)';
    await expect(plan(schema)).rejects.toThrow('no plan moves the table lease');
    await expect(plan(schema, ['lease'])).resolves.toHaveLength(1);
  });
});
