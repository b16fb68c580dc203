/**
 * The SSO service's database in tests that run on both storage engines: a file, or, in a project that sets
 * `TEST_STORAGE` to `postgres`, a database on the server of `postgres-server.ts`.
 */
import type { AtEnd } from './at-end.ts';
import { postgresUrl } from './postgres.ts';

/**
 * @param file where SQLite's database belongs
 * @param atEnd registers the cleanup, by default with the running test
 * @returns `file`, or the URL of an empty PostgreSQL database
 */
export async function ssoDatabase(file: string, atEnd?: AtEnd): Promise<string> {
  return process.env['TEST_STORAGE'] === 'postgres' ? await postgresUrl(atEnd) : file;
}
