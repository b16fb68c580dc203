import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openKeyRing, SqliteDatabase } from '@samesite-sso/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { keysBeside } from '../../../test/support/keys-beside.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { runCommandLine } from './command-line.ts';

async function runCli(args: readonly string[], APP_DATABASE?: string) {
  vi.stubEnv('APP_DATABASE', APP_DATABASE);
  onTestFinished(() => void vi.unstubAllEnvs());
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runCommandLine(args, {
    writeOut: (text) => void out.push(text),
    writeErr: (text) => void err.push(text),
  });
  return { status, stdout: out.join(''), stderr: err.join('') };
}

/** An app that has started once, and so has its first key. */
async function prepareApp() {
  const folder = temporaryFolder();
  const database = join(folder, 'app.db');
  const ring = await openKeyRing(keysBeside(database));
  const run = (args: string) => runCli(args.split(' '), database);
  const list = async () => JSON.parse((await run('key list --json')).stdout);
  const readStored = () => readFileSync(`${database}.keys.json`, 'utf8');
  return { folder, database, firstKid: ring.publicKeys.keys[0]?.kid ?? '', run, list, readStored };
}

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;
const HEADINGS = 'KID +STATE +CREATED +ACTIVE FROM +PUBLISHED UNTIL';

describe('the samesite-sso-app command line', () => {
  it.each(['locked', 'damaged'])('works on the keys beside a database that is %s', async (state) => {
    const { database, firstKid, run } = await prepareApp();
    if (state === 'damaged') writeFileSync(database, 'x'.repeat(4096));
    else {
      const { sqlite } = new SqliteDatabase(database, ['CREATE TABLE item (id)']);
      onTestFinished(() => void sqlite.close());
      sqlite.pragma('journal_mode = DELETE'); // With a write-ahead log, readers wouldn't notice the lock.
      sqlite.exec('BEGIN EXCLUSIVE');
    }
    expect(await run('key list')).toMatchObject({ status: 0, stdout: expect.stringContaining(firstKid) });
  });

  it('lists, rotates and retires keys, and prints text', async () => {
    const { firstKid, run } = await prepareApp();
    expect(await run('key list')).toEqual({
      status: 0,
      stdout: expect.stringMatching(
        new RegExp(String.raw`^${HEADINGS} *\n${firstKid} +signing +${TIME} +${TIME} +-\n$`),
      ),
      stderr: '',
    });
    const waiting = await run('key rotate');
    expect(waiting.stdout).toMatch(
      new RegExp(`^Added the key \\S{43}: it signs from ${TIME} and is published now\\.\n$`),
    );
    const rotated = await run('key rotate --now');
    const [, kid] = /^Added the key (\S{43}): it signs from now on\.\n$/.exec(rotated.stdout) ?? [];
    expect(await run(`key retire ${firstKid}`)).toEqual({
      status: 0,
      stdout: `Retired the key ${firstKid}: it is no longer published.\n`,
      stderr: '',
    });
    const { stdout } = await run('key list');
    expect(stdout.match(/^\S{43} +\S+/gm)).toEqual([`${kid}  signing`]);
  });

  it('lists, rotates and retires keys, and prints JSON without any private key', async () => {
    const { firstKid, run, list, readStored } = await prepareApp();
    const added = JSON.parse((await run('key rotate --now --json')).stdout);
    expect(added).toMatchObject({ state: 'signing', publishedUntil: null });
    const [newest, replaced] = await list();
    expect(newest).toEqual(added);
    // A client assertion is valid for 60 s at most, and clocks may differ by 5 s.
    const publishedUntil = new Date(Date.parse(added.activeFrom) + 65_000).toISOString();
    expect(replaced).toMatchObject({ kid: firstKid, state: 'retiring', publishedUntil });
    expect(Object.keys(replaced)).toEqual(['kid', 'state', 'createdAt', 'activeFrom', 'publishedUntil']);
    const privateParts = JSON.parse(readStored()).keys.map(({ d }: { d: string }) => d);
    expect(privateParts).toHaveLength(2);
    for (const d of privateParts) expect((await run('key list --json')).stdout).not.toContain(d);
    expect(JSON.parse((await run(`key retire ${firstKid} --json`)).stdout)).toEqual(replaced);
  });

  it('exits with status 1 when a change is refused, and changes nothing', async () => {
    const { firstKid, run, readStored } = await prepareApp();
    const next = JSON.parse((await run('key rotate --json')).stdout);
    const before = readStored();
    for (const [command, reason] of [
      ['key rotate', next.kid],
      [`key retire ${firstKid}`, firstKid],
      ['key retire nonsense', 'nonsense'],
    ] as const) {
      const { status, stdout, stderr } = await run(command);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^error: .*\n$/);
      expect(stderr).toContain(reason);
    }
    expect(readStored()).toBe(before);
  });

  it('makes no keys at a path where no app has started', async () => {
    const { folder } = await prepareApp();
    const before = readdirSync(folder);
    const { status, stderr } = await runCli(['key', 'rotate', '--database', join(folder, 'misspelled.db')]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('misspelled.db.keys.json')]);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('prefers --database to APP_DATABASE', async () => {
    const { database, firstKid } = await prepareApp();
    const args = ['key', 'list', '--json', '--database', database];
    const { stdout } = await runCli(args, '/nowhere/app.db');
    expect(JSON.parse(stdout)).toMatchObject([{ kid: firstKid }]);
  });

  it.each([
    ['key frobnicate', "unknown command 'frobnicate'"],
    ['key toString', "unknown command 'toString'"],
    ['account list', "unknown command 'account'"],
    ['key retire', "missing required argument 'kid'"],
    ['key rotate now', "too many arguments for 'rotate'"],
    ['key retire one two', "too many arguments for 'retire'"],
    ['key list --now', "unknown option '--now'"],
    ['key list --all', "unknown option '--all'"],
  ])('exits with status 2 for the usage error "%s"', async (args, reason) => {
    const { status, stdout, stderr } = await runCli(args.split(' '), '/nowhere/app.db');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`error: ${reason}`);
  });

  it.each([
    ['missing', undefined, 2, "required option '--database <path>' not specified"],
    ['empty', '', 1, 'error: APP_DATABASE is empty'],
    ['in memory', ':memory:', 1, 'error: APP_DATABASE is not the path of a file'],
  ])('refuses a path of the database that is %s', async (_case, path, expected, reason) => {
    for (const command of ['key list', 'key rotate', 'key retire some-kid']) {
      const { status, stdout, stderr } = await runCli(command.split(' '), path);
      expect([status, stdout]).toEqual([expected, '']);
      expect(stderr).toContain(reason);
    }
  });

  it.each([
    [2, ['key', 'list', '\u001b[2J\nerror: forged']],
    [1, ['key', 'retire', '\u001b[2J\nerror: forged']],
  ])('escapes control characters of an argument in the error of status %i', async (expected, args) => {
    const { database } = await prepareApp();
    const { status, stderr } = await runCli(args, database);
    expect(status).toBe(expected);
    expect(stderr).toMatch(/^error: .*\\u001b\[2J\\u000aerror: forged.*\n/);
    expect(stderr).not.toContain('\u001b');
  });

  it.each([undefined, ':memory:'])(
    'prints its help with status 0 whether or not there is a database: %s',
    async (path) => {
      const { status, stdout, stderr } = await runCli(['key', 'rotate', '--help'], path);
      expect([status, stderr]).toEqual([0, '']);
      for (const part of ['samesite-sso-app key rotate', '--now', '--json', '--database', 'APP_DATABASE']) {
        expect(stdout).toContain(part);
      }
    },
  );
});
