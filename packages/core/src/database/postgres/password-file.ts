/**
 * Finds the password in the file that `PGPASSFILE` names, in the format of PostgreSQL's own clients
 * (https://www.postgresql.org/docs/current/libpq-pgpass.html). pg does it too, but has announced that it will
 * stop, and logs that at each start.
 */
import { requirePrivateFile } from '../../files/private-file.ts';
import { readTextFile } from '../../files/text-file.ts';
import type { PostgresSettings } from '../postgres-url.ts';

const VARIABLE = 'PGPASSFILE';

/** A field ends at a colon or at the end of the line; `\:` and `\\` are characters of a field. */
const FIELD = /((?:[^\\:]|\\.)*)(?::|$)/gy;

/**
 * Reads the file for each new connection, so that a new password is used without a restart.
 *
 * @throws {Error} when the server wants a password and there is none
 */
export function findPassword({ host, port, database, user }: PostgresSettings): string {
  const file = process.env[VARIABLE];
  if (!file)
    throw new Error(
      `the server wants a password: put it into the URL, or into a file that ${VARIABLE} names`,
    );
  requirePrivateFile(file);
  const wanted = [host, String(port), database, user];
  for (const line of readTextFile(file).split('\n')) {
    const fields = [...line.matchAll(FIELD)].map(([, field = '']) => field.replace(/\\(.)/g, '$1'));
    const password = fields[wanted.length];
    const matches = wanted.every((value, index) => fields[index] === '*' || fields[index] === value);
    if (matches && password !== undefined && password !== '') return password;
  }
  throw new Error(`${file} has no line for ${host}:${port}:${database}:${user}`);
}
