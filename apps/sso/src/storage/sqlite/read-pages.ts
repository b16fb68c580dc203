/** Reads tables of any size in pages. `Pages` in `../pages.ts` says why no transaction spans two of them. */
import type { SqliteDatabase } from '@samesite-sso/core';

export const PAGE_ROWS = 500;

/**
 * Reads pages until one isn't full. Each page is a transaction of its own.
 *
 * @param find finds up to {@link PAGE_ROWS} rows that follow `last`, or the first ones
 */
export async function* readPages<Row>(
  database: SqliteDatabase,
  find: (last: Row | undefined) => Row[],
): AsyncGenerator<Row[]> {
  for (let page: Row[] = [], isFull = true; isFull; isFull = page.length === PAGE_ROWS) {
    const last = page.at(-1);
    page = await database.run(() => find(last));
    if (page.length > 0) yield page;
  }
}
