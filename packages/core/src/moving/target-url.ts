import { type PostgresUrl, parsePostgresUrl } from '../database/postgres-url.ts';
import { ConfigError } from '../files/config-error.ts';

/**
 * Parses the argument of a command that names the database to move to.
 *
 * @throws {ConfigError} whose message is one line and quotes nothing of the argument
 */
export function parseTargetUrl(text: string): PostgresUrl {
  let url: PostgresUrl;
  try {
    url = parsePostgresUrl(text);
  } catch (error) {
    throw new ConfigError(`the new database ${(error as Error).message}`);
  }
  if (url.password === undefined) return url;
  throw new ConfigError(
    'the URL has a password, which every process list shows: put it into the file that PGPASSFILE names',
  );
}
