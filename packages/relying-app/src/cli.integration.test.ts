import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { openKeyRing } from '@samesite-sso/core';
import { describe, expect, it, onTestFinished } from 'vitest';

const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url));

async function runCli(args: string, environment: Record<string, string>) {
  const parameters = args === '' ? [] : args.split(' ');
  const child = spawn(process.execPath, [CLI, ...parameters], { env: environment });
  const [[status], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, stdout, stderr };
}

/** The command line of an app that has started once. */
async function app() {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const database = join(folder, 'app.db');
  const ring = await openKeyRing(database);
  const run = (args: string) => runCli(args, { APP_DATABASE: database });
  const list = async () => JSON.parse((await run('key list --json')).stdout);
  const stored = () => readFileSync(`${database}.keys.json`, 'utf8');
  return { folder, database, first: ring.publicKeys.keys[0]?.kid ?? '', run, list, stored };
}

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;

describe('the keys of an app', () => {
  it('are listed, rotated and retired, for people', async () => {
    const { first, run } = await app();
    expect(await run('key list')).toEqual({
      status: 0,
      stdout: expect.stringMatching(
        new RegExp(
          String.raw`^KID +STATE +BORN +SIGNS FROM +PUBLISHED UNTIL *\n${first} +signing +${TIME} +${TIME} +-\n$`,
        ),
      ),
      stderr: '',
    });
    const waiting = await run('key rotate');
    expect(waiting.stdout).toMatch(
      new RegExp(`^Added the key \\S{43}: published now, it signs from ${TIME}\\.\n$`),
    );
    const rotated = await run('key rotate --now');
    const [, kid] = /^Added the key (\S{43}): it signs from now on\.\n$/.exec(rotated.stdout) ?? [];
    expect(await run(`key retire ${first}`)).toEqual({
      status: 0,
      stdout: `Retired the key ${first}: it is published no longer.\n`,
      stderr: '',
    });
    const { stdout } = await run('key list');
    expect(stdout.match(/^\S{43} +\S+/gm)).toEqual([`${kid}  signing`]);
  });

  it('are listed, rotated and retired, for programs, and no private half is told', async () => {
    const { first, run, list, stored } = await app();
    const added = JSON.parse((await run('key rotate --now --json')).stdout);
    expect(added).toMatchObject({ state: 'signing', publishedUntil: null });
    const [now, before] = await list();
    expect(now).toEqual(added);
    // A client assertion lives for 60 s at most, and clocks may differ by 5 s.
    const publishedUntil = new Date(Date.parse(added.activeFrom) + 65_000).toISOString();
    expect(before).toMatchObject({ kid: first, state: 'retiring', publishedUntil });
    expect(Object.keys(before)).toEqual(['kid', 'state', 'createdAt', 'activeFrom', 'publishedUntil']);
    const secrets = JSON.parse(stored()).keys.map(({ d }: { d: string }) => d);
    expect(secrets).toHaveLength(2);
    for (const secret of secrets) expect((await run('key list --json')).stdout).not.toContain(secret);
    expect(JSON.parse((await run(`key retire ${first} --json`)).stdout)).toEqual(before);
  });
});

describe('what is refused', () => {
  it('is told in one line, status 1, and nothing changes', async () => {
    const { first, run, stored } = await app();
    const next = JSON.parse((await run('key rotate --json')).stdout);
    const before = stored();
    const refusals = await Promise.all(
      ['rotate', `retire ${first}`, 'retire nonsense'].map((it) => run(`key ${it}`)),
    );
    const told = (line: string) => ({ status: 1, stdout: '', stderr: `${line}\n` });
    expect(refusals).toEqual([
      told(`the key ${next.kid} is waiting already, and signs from ${next.activeFrom}`),
      told(`the key ${first} is the one that signs: rotate first`),
      told('there is no key nonsense'),
    ]);
    expect(stored()).toBe(before);
  });

  it('is a path where no app has made keys: none are made there', async () => {
    const { folder } = await app();
    const before = readdirSync(folder);
    const { status, stderr } = await runCli('key rotate', { APP_DATABASE: join(folder, 'misspelled.db') });
    expect([status, stderr]).toEqual([1, expect.stringContaining('misspelled.db.keys.json')]);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('is a missing APP_DATABASE', async () => {
    const ended = await runCli('key list', {});
    expect(ended).toEqual({ status: 1, stdout: '', stderr: 'APP_DATABASE is missing\n' });
  });
});

describe('what is not understood', () => {
  it.each([
    ['', 'there is no command ""'],
    ['key', 'there is no command "key"'],
    ['key frobnicate', 'there is no command "key frobnicate"'],
    ['key toString', 'there is no command "key toString"'],
    ['account list', 'there is no command "account list"'],
    ['key retire', 'KID is missing'],
    ['key rotate now', 'there is no place for "now"'],
    ['key retire one two', 'there is no place for "two"'],
    ['key list --now', '--now belongs to key rotate'],
    ['key list --all', "Unknown option '--all'"],
  ])('is answered with the usage and status 2: %s', async (args, reason) => {
    const { status, stdout, stderr } = await runCli(args, {});
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.startsWith(reason)).toBe(true);
    expect(stderr).toContain('\n\nUsage:\n');
  });

  it('can be asked about beforehand, with status 0 and no database', async () => {
    const { status, stdout, stderr } = await runCli('key rotate --help', {});
    expect([status, stderr]).toEqual([0, '']);
    for (const word of ['key list', 'key rotate --now', 'key retire KID', '--json', 'APP_DATABASE']) {
      expect(stdout).toContain(word);
    }
  });
});
