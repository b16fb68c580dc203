import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openKeyRing } from '@samesite-sso/core';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { keysBeside } from '../../../../../test/support/keys-beside.ts';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, temporaryFolder } from '../../../../../test/support/sso/test-service.ts';
import { addAda, administration, noDatabase, startSession } from '../administration.fixture.ts';

const newFile = () => path.join(temporaryFolder(), 'copy.sqlite');

describe('backup', () => {
  test('copies the database with its latest changes and its keys, readable by the owner only', async () => {
    const { database, done, open } = administration();
    const stores = open();
    await addAda(stores);
    const sid = await startSession(stores);
    const { publicKeys } = await openKeyRing(keysBeside(database));
    const file = newFile();
    expect(await done(['backup', file])).toBe(`Copied to ${file} and ${file}.keys.json.\n`);
    for (const copy of [file, `${file}.keys.json`]) expect(statSync(copy).mode & 0o777).toBe(0o600);
    const restored = administration({ SSO_DATABASE: file });
    expect(await restored.json(['account', 'show', 'ada'])).toMatchObject({ ...ADA, sessions: [{ sid }] });
    expect((await openKeyRing(keysBeside(file))).publicKeys).toEqual(publicKeys);
  });

  test("doesn't upgrade the schema, since a backup comes before an upgrade", async () => {
    const { database, done } = administration({ SSO_DATABASE: noDatabase() });
    writeFileSync(database, '', { mode: 0o600 });
    const sqlite = new Sqlite(database);
    sqlite.exec('CREATE TABLE of_old (x); INSERT INTO of_old VALUES (7); PRAGMA user_version = 1');
    sqlite.close();
    await openKeyRing(keysBeside(database));
    const file = newFile();
    await done(['backup', file]);
    for (const name of [database, file]) {
      const opened = new Sqlite(name, { readonly: true });
      expect(opened.pragma('user_version', { simple: true })).toBe(1);
      expect(opened.prepare('SELECT x FROM of_old').pluck().all()).toEqual([7]);
      opened.close();
    }
  });

  test.each(['', '.keys.json'])(
    "doesn't overwrite an existing copy%s, and creates no other file",
    async (ending) => {
      const { database, run, open } = administration();
      await addAda(open());
      await openKeyRing(keysBeside(database));
      const file = newFile();
      writeFileSync(file + ending, 'of yesterday');
      const { status, stdout, stderr } = await run(['backup', file]);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toContain(`to ${file}: EEXIST: file already exists`);
      expect(readFileSync(file + ending, 'utf8')).toBe('of yesterday');
      expect(existsSync(file) && existsSync(`${file}.keys.json`)).toBe(false);
    },
  );

  test('fails without keys or a valid database, creates neither, and records nothing', async () => {
    const { database, run, open } = administration();
    const file = newFile();
    const stderrOfFailure = async () => {
      const { status, stdout, stderr } = await run(['backup', file]);
      expect([status, stdout, existsSync(file), existsSync(`${file}.keys.json`)]).toEqual([
        1,
        '',
        false,
        false,
      ]);
      return stderr;
    };
    expect(await stderrOfFailure()).toContain(`${database}.keys.json`);
    expect(await allRows(open().audit.pages({ limit: 10 }))).toEqual([]);
    await openKeyRing(keysBeside(database));
    await run(['backup', file]);
    expect(existsSync(file)).toBe(true);
    const broken = administration({ SSO_DATABASE: noDatabase() });
    writeFileSync(broken.database, 'x'.repeat(5000), { mode: 0o600 });
    expect(await broken.run(['backup', newFile()])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('file is not a database'),
    });
  });

  test.each(['', '-wal', '-shm'])('refuses a database whose file%s others can read', async (suffix) => {
    const { database, run, open } = administration();
    open(); // While it is open, its -wal and -shm files exist.
    await openKeyRing(keysBeside(database));
    const openFile = database + suffix;
    chmodSync(openFile, 0o604);
    const file = newFile();
    expect(await run(['backup', file])).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: SSO_DATABASE: ${openFile} is open to others (mode 604); run chmod 600 ${openFile}\n`,
    });
    expect(existsSync(file)).toBe(false);
  });

  test('is recorded in the audit trail of the database, but not of the copy', async () => {
    const { database, done, open } = administration();
    await openKeyRing(keysBeside(database));
    const file = newFile();
    await done(['backup', path.relative(process.cwd(), file)]);
    const copied = { kind: 'database copied', limit: 10 } as const;
    const context = {
      actor: expect.stringMatching(/^operator ./),
      address: null,
      accountId: null,
      sid: null,
    };
    const records = await allRows(open().audit.pages(copied));
    expect(records).toMatchObject([{ ...context, detail: file }]);
    expect(Math.abs(Date.now() - (records[0]?.at ?? 0))).toBeLessThan(60_000);
    expect(await allRows(administration({ SSO_DATABASE: file }).open().audit.pages(copied))).toEqual([]);
  });

  test("succeeds with a warning if the audit record can't be written", async () => {
    const { database, run } = administration();
    await openKeyRing(keysBeside(database));
    const sqlite = new Sqlite(database);
    sqlite.exec(`CREATE TRIGGER full BEFORE INSERT ON audit_record
      BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`);
    sqlite.close();
    const file = newFile();
    expect(await run(['backup', file])).toEqual({
      status: 0,
      stdout: `Copied to ${file} and ${file}.keys.json.\n`,
      stderr: "warning: the copy isn't recorded in the audit trail: database or disk is full\n",
    });
    expect(await administration({ SSO_DATABASE: file }).json(['account', 'list'])).toEqual([]);
  });

  test('prints the paths of the copies as JSON', async () => {
    const { database, json, open } = administration();
    await addAda(open());
    await openKeyRing(keysBeside(database));
    const file = newFile();
    expect(await json(['backup', file])).toEqual({ database: file, keys: `${file}.keys.json` });
  });
});
