/** Lists of any length in constant memory: rows are read from the stores page by page while they are printed. */
import type { Environment } from '@samesite-sso/server';
import { openSqliteStores } from '../storage/sqlite/sqlite-stores.ts';
import type { Stores } from '../storage/stores.ts';
import type { CommandResult } from './command-context.ts';
import { readDatabase } from './operator.ts';
import { tableOfPages } from './table.ts';

interface Listing<Row> {
  /** May throw {CommandError} before the first page. */
  pages: (stores: Stores) => AsyncIterable<readonly Row[]>;
  headings: readonly string[];
  /** A row of the table. */
  cells: (row: Row) => (string | null)[];
  /** A row of the JSON array. */
  json: (row: Row) => object;
}

export function listing<Row>(
  environment: Environment,
  { pages, headings, cells, json }: Listing<Row>,
): CommandResult {
  async function* read<Shown>(show: (row: Row) => Shown): AsyncGenerator<Shown[]> {
    const stores = openSqliteStores(readDatabase(environment));
    try {
      for await (const page of pages(stores)) yield page.map(show);
    } finally {
      stores.close();
    }
  }
  return { text: tableOfPages(headings, read(cells)), json: jsonOfPages(read(json)) };
}

/** A JSON array in parts that add up to `JSON.stringify(rows, null, 2)`. */
async function* jsonOfPages(pages: AsyncIterable<readonly object[]>): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const rows of pages) {
    let part = '';
    for (const row of rows) {
      part += `${separator}  ${JSON.stringify(row, null, 2).replaceAll('\n', '\n  ')}`;
      separator = ',\n';
    }
    yield part;
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}
