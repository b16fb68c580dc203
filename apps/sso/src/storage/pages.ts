/**
 * Rows in pages of a few hundred, so that memory and each read stay bounded however large the table is. No
 * read transaction spans two pages: an open one keeps SQLite from resetting its write-ahead log, and
 * PostgreSQL from removing dead rows.
 */
export type Pages<Row> = AsyncIterable<Row[]>;
