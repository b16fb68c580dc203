/** Lists of any length in constant memory: pages are read from the stores while they are printed. */
import type { Stores } from '../storage/stores.ts';
import { openNamedStores } from './named-stores.ts';
import { type Cells, tableOfPages } from './table.ts';

export interface List<Row> {
  /** May throw {CommandError} before the first page. */
  pages: (stores: Stores) => AsyncIterable<readonly Row[]>;
  headings: readonly string[];
  cells: (row: Row) => Cells;
  json: (row: Row) => object;
}

/** A list in parts, as a table or a JSON array. */
export async function* partsOf<Row>(
  { pages, headings, cells, json }: List<Row>,
  { database, isJson }: { database: string; isJson: boolean },
): AsyncGenerator<string> {
  const stores = await openNamedStores(database);
  try {
    yield* isJson ? jsonOfPages(pages(stores), json) : tableOfPages(headings, pages(stores), cells);
  } finally {
    await stores.close();
  }
}

/** The parts add up to `JSON.stringify(rows, null, 2)`. */
async function* jsonOfPages<Row>(
  pages: AsyncIterable<readonly Row[]>,
  json: (row: Row) => object,
): AsyncGenerator<string> {
  let separator = '[\n';
  for await (const rows of pages) {
    let part = '';
    for (const row of rows) {
      part += `${separator}  ${JSON.stringify(json(row), null, 2).replaceAll('\n', '\n  ')}`;
      separator = ',\n';
    }
    yield part;
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}
