/** Statements with named parameters, as SQLite has them. PostgreSQL numbers its parameters. */

/**
 * Prepares a statement with parameters such as `:sid`. They need a cast where PostgreSQL can't infer their
 * type, such as `:now::bigint` in a list of columns.
 *
 * @returns a function that returns the arguments of `PostgresDatabase.query` and `write`
 */
export function toStatement<Values extends object>(sql: string): (values: Values) => [string, unknown[]] {
  const names: string[] = [];
  const text = sql.replace(/(?<![:\w]):([a-z]\w*)/gi, (_, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return (values) => [text, names.map((name) => (values as Record<string, unknown>)[name])];
}
