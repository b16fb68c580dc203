/** The app's command line on a PostgreSQL database, whose keys are sealed rows. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileKeyStore, openKeyRing } from '@samesite-sso/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { postgresUrl, runOn } from '../../../test/support/postgres.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { runCommandLine } from './command-line.ts';
import { openStore } from './storage/open-store.ts';

const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url));

const newLine = () => `${randomBytes(32).toString('base64url')}\n`;

/** @param variables those of the command's environment */
async function runCli(args: readonly string[], variables: Record<string, string | undefined>) {
  for (const name of ['APP_DATABASE', 'APP_SEALING_KEY_FILE']) vi.stubEnv(name, variables[name]);
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
  const [url, folder] = [await postgresUrl(), temporaryFolder()];
  const [file, line] = [join(folder, 'sealing.keys'), newLine()];
  writeFileSync(file, line, { mode: 0o600 });
  const { store, keys } = await openStore({ database: url, sealingKeyFile: file });
  const ring = await openKeyRing(keys);
  const [key] = ring.publicKeys.keys;
  await ring.close();
  await store.close();
  const variables = { APP_DATABASE: url, APP_SEALING_KEY_FILE: file };
  const run = (command: string, changed: Record<string, string | undefined> = {}) =>
    runCli(command.split(' '), { ...variables, ...changed });
  return {
    ...{ url, folder, file, line, variables, run },
    firstKid: key?.kid ?? '',
    json: async (command: string) => JSON.parse((await run(`${command} --json`)).stdout),
    rows: async () => (await runOn(url, 'SELECT * FROM signing_key ORDER BY id DESC')).rows,
  };
}

/** The URL without its password, which goes into a file for PGPASSFILE. */
function withoutPassword(url: string, folder: string) {
  const changed = new URL(url);
  const { hostname, port, username, password } = changed;
  const PGPASSFILE = join(folder, 'pgpass');
  writeFileSync(PGPASSFILE, `${hostname}:${port}:*:${username}:${password}\n`, { mode: 0o600 });
  changed.password = '';
  return { url: changed.href, PGPASSFILE };
}

describe('the samesite-sso-app command line on PostgreSQL', () => {
  it('lists, rotates and retires keys', async () => {
    const { run, json, rows, firstKid } = await prepareApp();
    expect(await json('key list')).toMatchObject([{ kid: firstKid, state: 'signing' }]);
    const { kid } = await json('key rotate --now');
    expect(await run(`key retire ${firstKid}`)).toEqual({
      status: 0,
      stdout: `Retired the key ${firstKid}: it is no longer published.\n`,
      stderr: '',
    });
    expect((await rows()).map((row) => row.kid)).toEqual([kid]);
  });

  it('seals all rows with the first sealing key, and changes none the second time', async () => {
    const { run, json, rows, file, line, firstKid } = await prepareApp();
    const added = newLine();
    writeFileSync(file, added + line);
    expect(await run('key reseal')).toEqual({
      status: 0,
      stdout: 'Resealed 1 of 1 key: the first sealing key opens all of them.\n',
      stderr: '',
    });
    const resealed = await rows();
    expect(await json('key reseal')).toEqual({ resealed: 0, total: 1 });
    expect(await rows()).toEqual(resealed);
    writeFileSync(file, added);
    expect(await json('key list')).toMatchObject([{ kid: firstKid }]);
  });

  it('takes the database and the sealing keys as options, and exits by itself', async () => {
    const { url: whole, folder, file, firstKid } = await prepareApp();
    const { url, PGPASSFILE } = withoutPassword(whole, folder);
    const args = ['key', 'list', '--json', '--database', url, '--sealing-key-file', file];
    const env = { PGPASSFILE, NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
      env,
      encoding: 'utf8',
      timeout: 20_000, // An open connection would keep the process running for a minute.
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject([{ kid: firstKid }]);
  });

  it('accepts a password in APP_DATABASE, but not in an option, which process lists show', async () => {
    const { url, run, firstKid } = await prepareApp();
    const { password } = new URL(url);
    expect(password).not.toBe('');
    const { status, stdout, stderr } = await run(`key list --database ${url}`);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^error: the URL of the database has a password, which .+: use APP_DATABASE or PGPASSFILE instead$/m,
    );
    expect(stderr).not.toContain(password);
    const { stdout: listed } = await run('key list --json', { APP_DATABASE: url });
    expect(JSON.parse(listed)).toMatchObject([{ kid: firstKid }]);
  });

  it('refuses an invalid URL without showing it', async () => {
    const { run } = await prepareApp();
    const invalid = [
      'postgres://app:hush@/app',
      'postgres:/app:hush@host/app',
      'postgres;//app:hush@host/app',
    ];
    for (const database of [...invalid, '"postgres://app:hush@host/app"']) {
      const { status, stderr } = await run('key list', { APP_DATABASE: database });
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: APP_DATABASE .+\n$/)]);
      expect(stderr).not.toContain('hush');
    }
  });

  it.each<[what: string, damage: (file: string, url: string) => unknown, told: RegExp]>([
    ['a missing file of sealing keys', (file) => rmSync(file), /^APP_SEALING_KEY_FILE: \S+ is missing$/],
    [
      'sealing keys that are open to others',
      (file) => chmodSync(file, 0o644),
      /^APP_SEALING_KEY_FILE: \S+ is open to others \(mode 644\); run chmod 600 \S+$/,
    ],
    [
      'a sealing key that does not open the rows',
      (file) => writeFileSync(file, newLine()),
      /^APP_SEALING_KEY_FILE: no key in \S+ opens the app signing key \S{43}: it was sealed with another key/,
    ],
    [
      'a row that was copied to another id',
      (_file, url) => runOn(url, `UPDATE signing_key SET kid = 'another'`),
      /^APP_DATABASE: the app signing key another can't be used: it was sealed as the app signing key \S+$/,
    ],
  ])('refuses %s with status 1, and changes nothing', async (_what, damage, told) => {
    const { file, url, line, rows, run } = await prepareApp();
    await damage(file, url);
    const before = await rows();
    for (const command of ['key list', 'key rotate', 'key retire any', 'key reseal']) {
      const { status, stdout, stderr } = await run(command);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^error: [^\n]+\n$/);
      expect(stderr.slice('error: '.length).trimEnd()).toMatch(told);
      expect(stderr).not.toContain(line.trim());
    }
    expect(await rows()).toEqual(before);
  });

  it('needs the sealing keys', async () => {
    const { run } = await prepareApp();
    expect(await run('key list', { APP_SEALING_KEY_FILE: undefined })).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: APP_SEALING_KEY_FILE is missing: keys in a PostgreSQL database must be sealed\n',
    });
  });

  it('names the option of a file of sealing keys that cannot be used', async () => {
    const { run, folder } = await prepareApp();
    expect(await run(`key list --sealing-key-file ${folder}/none`)).toMatchObject({
      status: 1,
      stderr: `error: --sealing-key-file: ${folder}/none is missing\n`,
    });
  });
});

describe('the samesite-sso-app command line of an app with a store of its own', () => {
  it('finds the keys by the path of their file, even if APP_DATABASE is set', async () => {
    const keyFile = join(temporaryFolder(), 'app-keys.json');
    const ring = await openKeyRing(fileKeyStore(keyFile));
    const variables = { APP_DATABASE: '/nowhere/app.db' };
    const { stdout } = await runCli(['key', 'list', '--json', '--key-file', keyFile], variables);
    expect(JSON.parse(stdout)).toMatchObject([{ kid: ring.publicKeys.keys[0]?.kid }]);
  });

  it('creates no keys, and seals none', async () => {
    const keyFile = join(temporaryFolder(), 'app-keys.json');
    const { status, stderr } = await runCli(['key', 'rotate', '--key-file', keyFile], {});
    expect([status, stderr]).toEqual([1, expect.stringContaining(`there is no ${keyFile}`)]);
    expect(existsSync(keyFile)).toBe(false);
    await openKeyRing(fileKeyStore(keyFile));
    expect(await runCli(['key', 'reseal', '--key-file', keyFile], {})).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: ${keyFile} isn't sealed: only the keys in a PostgreSQL database are\n`,
    });
  });

  it('refuses a database and a key file as two options', async () => {
    const args = ['key', 'list', '--key-file', 'keys.json', '--database', 'app.db'];
    expect(await runCli(args, {})).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^error: --key-file replaces --database: give only one of them\n/),
    });
  });
});
