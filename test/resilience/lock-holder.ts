/** Holds a database's write lock. */
import Sqlite from 'better-sqlite3';
import { onTestFinished } from 'vitest';

/** Holds the lock in the test's process, which for the site's processes is another one. @returns releases it */
export function holdLock(file: string): () => void {
  const database = new Sqlite(file);
  onTestFinished(() => void database.close());
  database.exec('BEGIN EXCLUSIVE');
  return () => void database.exec('ROLLBACK');
}
