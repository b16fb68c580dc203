/** Reads tables of any size in pages. `Pages` in `../pages.ts` says why no transaction spans two of them. */

export const PAGE_ROWS = 500;

/**
 * Reads pages until one isn't full. Each page is a query of its own.
 *
 * @param find finds up to {@link PAGE_ROWS} rows that follow `last`, or the first ones
 */
export async function* readPages<Row>(
  find: (last: Row | undefined) => Promise<{ rows: Row[] }>,
): AsyncGenerator<Row[]> {
  for (let page: Row[] = [], isFull = true; isFull; isFull = page.length === PAGE_ROWS) {
    page = (await find(page.at(-1))).rows;
    if (page.length > 0) yield page;
  }
}
