/** All rows that a store lists in pages, as one array: for tests, whose tables are small. */
import type { Pages } from '../../../apps/sso/src/storage/stores.ts';

export async function allRows<Row>(pages: Pages<Row>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}
