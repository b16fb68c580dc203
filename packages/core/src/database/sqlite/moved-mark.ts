/**
 * Marks a SQLite database whose content was moved to PostgreSQL. A server that started on the old file by
 * mistake would accept redeemed tokens and ended sessions again.
 */
import { existsSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { DatabaseError } from '../../files/config-error.ts';
import { escapeLine } from '../../files/escape-control-characters.ts';

const TABLE = 'moved_to_postgres';

/** @param target the new database, for messages */
export function markAsMoved(sqlite: Sqlite.Database, target: string, movedAt: number): void {
  sqlite.exec(`CREATE TABLE ${TABLE} (target TEXT NOT NULL, moved_at INTEGER NOT NULL) STRICT`);
  sqlite.prepare(`INSERT INTO ${TABLE} VALUES (?, ?)`).run(target, movedAt);
}

/** @throws {DatabaseError} if the database is marked */
export function requireNotMoved(sqlite: Sqlite.Database, file: string): void {
  if (sqlite.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(TABLE) === undefined) return;
  const mark = sqlite.prepare<[], { target: string; moved_at: number }>(`SELECT * FROM ${TABLE}`).get();
  const [target, day] = [mark?.target ?? '', new Date(mark?.moved_at ?? 0).toISOString().slice(0, 10)];
  throw new DatabaseError(
    escapeLine(
      `${file} was moved to ${target} on ${day}: use that; docs/several-instances.md, "Moving to ` +
        'PostgreSQL", says how to go back',
    ),
  );
}

/**
 * The same for commands that use only the keys beside the database. A database that can't be read is in use
 * or damaged; its keys can still be used.
 *
 * @throws {DatabaseError} if the database is marked
 */
export function requireFileNotMoved(file: string): void {
  if (!existsSync(file)) return;
  let sqlite: Sqlite.Database | undefined;
  try {
    sqlite = new Sqlite(file, { readonly: true, timeout: 0 });
    requireNotMoved(sqlite, file);
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
  } finally {
    sqlite?.close();
  }
}
