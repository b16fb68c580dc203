/** What a comparison returns: a table, as numbers for `results.json` and later as text for the document. */
import type { Quartiles } from './statistics.ts';

export type Cell = string | number | Quartiles | null;

export type Table = {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
};
