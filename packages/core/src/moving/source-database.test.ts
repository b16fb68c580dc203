import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';
import { markAsMoved } from '../database/sqlite/moved-mark.ts';
import { SqliteDatabase } from '../database/sqlite/sqlite-database.ts';
import { openSource } from './source-database.ts';

const MIGRATIONS = ['CREATE TABLE note (text TEXT) STRICT', 'ALTER TABLE note ADD COLUMN at INTEGER'];

/** A database of version 1, with one row. */
function oldDatabase(): string {
  const file = path.join(temporaryFolder(), 'old.sqlite');
  const database = new SqliteDatabase(file, MIGRATIONS.slice(0, 1));
  database.sqlite.exec("INSERT INTO note VALUES ('a note')");
  database.close();
  return file;
}

/** Another connection, as another process has it. */
function connectTo(file: string): Sqlite.Database {
  const sqlite = new Sqlite(file, { timeout: 0 });
  onTestFinished(() => void sqlite.close());
  return sqlite;
}

describe('the database that is moved', () => {
  test('is migrated, and is one file that nobody else can read or write until it is closed', () => {
    const file = oldDatabase();
    const source = openSource(file, MIGRATIONS, 'note');
    expect(source.sqlite.prepare('SELECT * FROM note').all()).toEqual([{ text: 'a note', at: null }]);
    expect(readdirSync(path.dirname(file))).toEqual(['old.sqlite']);
    const other = connectTo(file);
    expect(() => other.prepare('SELECT * FROM note').get()).toThrow('database is locked');
    expect(() => other.exec('DELETE FROM note')).toThrow('database is locked');
    source.close();
    expect(other.prepare('SELECT text FROM note').pluck().get()).toBe('a note');
  });

  test('is neither opened nor migrated while another process has it open, even one that is idle', () => {
    const file = oldDatabase();
    const server = new SqliteDatabase(file, MIGRATIONS.slice(0, 1));
    expect(() => openSource(file, MIGRATIONS, 'note')).toThrow(
      `${file} is in use by another process: stop the server first`,
    );
    expect(server.sqlite.pragma('user_version', { simple: true })).toBe(1);
    server.sqlite.exec("INSERT INTO note VALUES ('another')");
    server.close();
    const source = openSource(file, MIGRATIONS, 'note');
    expect(source.sqlite.prepare('SELECT text FROM note').pluck().all()).toEqual(['a note', 'another']);
    source.close();
  });

  test('must exist, and be a database', () => {
    const file = path.join(temporaryFolder(), 'missing.sqlite');
    expect(() => openSource(file, MIGRATIONS, 'note')).toThrow(`database ${file} not found`);
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, 'x'.repeat(5000), { mode: 0o600 });
    expect(() => openSource(file, MIGRATIONS, 'note')).toThrow(
      `${file} can't be used as a database: file is not a database`,
    );
  });

  test('must be this program’s, or it is not changed', () => {
    const file = oldDatabase();
    expect(() => openSource(file, MIGRATIONS, 'account')).toThrow(
      `${file} is another program's database: it has no table account`,
    );
    const sqlite = connectTo(file);
    expect(sqlite.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(sqlite.pragma('user_version', { simple: true })).toBe(1);
  });
});

test('a database that is marked as moved is refused, and not changed', () => {
  const file = oldDatabase();
  const sqlite = connectTo(file);
  sqlite.pragma('journal_mode = DELETE');
  markAsMoved(sqlite, 'postgres://sso@db:5432/sso', Date.parse('2026-11-22T12:00:00Z'));
  expect(() => new SqliteDatabase(file, MIGRATIONS)).toThrow(
    `${file} was moved to postgres://sso@db:5432/sso on 2026-11-22: use that; docs/several-instances.md, ` +
      '"Moving to PostgreSQL", says how to go back',
  );
  expect(sqlite.pragma('user_version', { simple: true })).toBe(1);
  expect(sqlite.pragma('journal_mode', { simple: true })).toBe('delete');
});
