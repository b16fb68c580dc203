/** The key commands and the service's start on a PostgreSQL database, whose keys are sealed rows. */
import { randomBytes } from 'node:crypto';
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openKeyRing, SealingKeys } from '@samesite-sso/core';
import type { JSONWebKeySet } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { postgresUrl, runOn } from '../../../../../test/support/postgres.ts';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { runProgram } from '../../../../../test/support/sso/run-program.ts';
import { environment, started } from '../../../../../test/support/sso/running-service.ts';
import { FOO } from '../../../../../test/support/sso/test-service.ts';
import { temporaryFolder } from '../../../../../test/support/temporary-folder.fixture.ts';
import { openStores } from '../../storage/open-stores.ts';
import { administration } from '../administration.fixture.ts';

const newLine = () => `${randomBytes(32).toString('base64')}\n`;

/** With the key that a service creates when it first starts, unless it hasn't started yet. */
async function administrationWithKey({ isStarted = true } = {}) {
  const [url, folder] = [await postgresUrl(), temporaryFolder()];
  const [file, line] = [path.join(folder, 'sealing.keys'), newLine()];
  writeFileSync(file, line, { mode: 0o600 });
  const open = async () => {
    const stores = await openStores(url, { sealing: SealingKeys.read(file) });
    onTestFinished(() => stores.close());
    return stores;
  };
  const stores = await open();
  if (isStarted) await (await openKeyRing(stores.signingKeys(null))).close();
  const variables = { SSO_DATABASE: url, SSO_SEALING_KEY_FILE: file };
  return {
    ...administration(variables),
    ...{ url, file, line, variables, stores },
    rows: async (): Promise<{ kid: string; sealed_key: string }[]> =>
      (await runOn(url, 'SELECT * FROM signing_key ORDER BY id DESC')).rows,
  };
}

describe('the key commands on PostgreSQL', () => {
  test('list, rotate and retire keys, and record the changes in the same transactions', async () => {
    const { done, json, run, rows, stores } = await administrationWithKey();
    const [{ kid: first }] = await json(['key', 'list']);
    expect(await done(['key', 'rotate'])).toMatch(
      /^Added the key \S{43}: it is published now and signs from /,
    );
    const [next] = await json(['key', 'list']);
    // The caches of five minutes, the clocks, and a minute until every instance has read it.
    expect(Date.parse(next.activeFrom) - Date.parse(next.createdAt)).toBe(365_000);
    expect(await run(['key', 'rotate'])).toMatchObject({
      status: 1,
      stderr: `error: the key ${next.kid} is already pending, and signs from ${next.activeFrom}\n`,
    });
    await done(['key', 'rotate', '--now']);
    const [present] = await json(['key', 'list']);
    expect(present.state).toBe('signing');
    await done(['key', 'retire', first]);
    expect((await rows()).map(({ kid }) => kid)).toEqual([present.kid]);
    const records = await allRows(stores.audit.pages({ limit: 10 }));
    const actor = expect.stringMatching(/^operator ./);
    expect(records).toMatchObject([
      { kind: 'key rotated', detail: next.kid, actor },
      { kind: 'key rotated', detail: `${present.kid}, at once`, actor },
      { kind: 'key retired', detail: first, actor },
    ]);
  });

  test('reseal all rows with the first sealing key, say how many, and change none again', async () => {
    const { done, json, rows, stores, file, line } = await administrationWithKey();
    await done(['key', 'rotate']);
    const listed = await json(['key', 'list']);
    const added = newLine();
    writeFileSync(file, added + line);
    const before = await rows();
    expect(await done(['key', 'reseal'])).toBe(
      'Resealed 2 of 2 signing keys: the first sealing key opens all of them.\n',
    );
    const resealed = await rows();
    for (const [index, { sealed_key }] of resealed.entries())
      expect(sealed_key).not.toBe(before[index]?.sealed_key);
    expect(await json(['key', 'reseal'])).toEqual({
      ...{ resealed: 0, total: 2 },
      authenticators: { resealed: 0, total: 0 },
    });
    expect(await rows()).toEqual(resealed);
    const records = await allRows(stores.audit.pages({ kind: 'keys resealed', limit: 10 }));
    expect(records).toMatchObject([{ detail: '2 of 2', actor: expect.stringMatching(/^operator ./) }]);
    writeFileSync(file, added);
    expect(await json(['key', 'list'])).toEqual(listed);
  });

  test('fail if there are no keys, and create none', async () => {
    const { run, rows, stores } = await administrationWithKey({ isStarted: false });
    for (const command of [['list'], ['rotate'], ['retire', 'kid'], ['reseal']]) {
      expect(await run(['key', ...command])).toEqual({
        status: 1,
        stdout: '',
        stderr: 'error: there is no signing key in the database: the server creates it at its first start\n',
      });
    }
    expect(await rows()).toEqual([]);
    expect(await allRows(stores.audit.pages({ limit: 10 }))).toEqual([]);
  });

  test('need the sealing keys, which commands about other things don’t', async () => {
    const { url } = await administrationWithKey();
    const { run, done } = administration({ SSO_DATABASE: url });
    for (const command of [['list'], ['rotate'], ['retire', 'kid'], ['reseal']]) {
      expect(await run(['key', ...command])).toEqual({
        status: 1,
        stdout: '',
        stderr: 'error: SSO_SEALING_KEY_FILE is missing: keys in a PostgreSQL database must be sealed\n',
      });
    }
    expect(await done(['account', 'list'])).toContain('USERNAME');
  });

  test('share the sealing keys with app check, while app list needs none', async () => {
    const { variables } = await administrationWithKey();
    const { SSO_ORIGIN, SSO_APPS } = (await environment()).variables;
    const site = { SSO_ORIGIN, SSO_APPS, SSO_DATABASE: variables.SSO_DATABASE };
    expect(await administration(site).done(['app', 'list'])).toContain(FOO);
    expect(await administration(site).run(['app', 'check'])).toMatchObject({
      status: 1,
      stderr: 'error: SSO_SEALING_KEY_FILE is missing: keys in a PostgreSQL database must be sealed\n',
    });
    // No app runs, so each check of foo fails, but after the keys were read.
    const { status, stderr } = await administration({ ...site, ...variables }).run(['app', 'check']);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^(error: http:\/\/foo\S+ .+\n)+$/)]);
  });
});

describe('two services on one PostgreSQL database', () => {
  test('start at once with one key, publish a rotated key within seconds, and end cleanly', async () => {
    const { variables, done, json } = await administrationWithKey({ isStarted: false });
    const start = async () => {
      const { url, variables: own } = await environment();
      const process = await started({ ...own, ...variables });
      const published = async () => {
        const { keys } = (await (await fetch(`${url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
        return keys.map(({ kid }) => kid);
      };
      return { ...process, published };
    };
    const services = await Promise.all([start(), start()]);
    const [{ kid: first }] = await json(['key', 'list']);
    for (const { published } of services) expect(await published()).toEqual([first]);
    await done(['key', 'rotate']);
    const [{ kid: next }] = await json(['key', 'list']);
    for (const { published } of services) await expect.poll(published).toEqual([next, first]);
    for (const { child } of services) child.kill('SIGTERM');
    for (const { ended } of services) expect(await ended).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('on a PostgreSQL database, the service and the key commands refuse', () => {
  test.each<[what: string, damage: (file: string, url: string) => unknown, told: RegExp]>([
    ['a missing file of sealing keys', (file) => rmSync(file), /^SSO_SEALING_KEY_FILE: \S+ is missing$/],
    [
      'sealing keys that are open to others',
      (file) => chmodSync(file, 0o644),
      /^SSO_SEALING_KEY_FILE: \S+ is open to others \(mode 644\); run chmod 600 \S+$/,
    ],
    ['an empty file', (file) => writeFileSync(file, ''), /^SSO_SEALING_KEY_FILE: \S+ is empty; each line /],
    [
      'a line that is not 32 bytes',
      (file) => writeFileSync(file, `${newLine()}hush\n`),
      /^SSO_SEALING_KEY_FILE: \S+, line 2: is not 32 random bytes in base64 or base64url, such as /,
    ],
    [
      'a sealing key that does not open the rows',
      (file) => writeFileSync(file, newLine()),
      /^SSO_SEALING_KEY_FILE: no key in \S+ opens the sso signing key \S{43}: it was sealed with another /,
    ],
    [
      'a row that was changed',
      (_file, url) => runOn(url, `UPDATE signing_key SET sealed_key = 'hush' || sealed_key`),
      /^SSO_SEALING_KEY_FILE: no key in \S+ opens the sso signing key \S{43}: it was sealed with another /,
    ],
    [
      'a row that was copied to another id',
      (_file, url) => runOn(url, `UPDATE signing_key SET kid = 'another'`),
      /^SSO_DATABASE: the sso signing key another can't be used: it was sealed as the sso signing key \S+$/,
    ],
  ])('%s, and change nothing [T-SECRET-08]', async (_what, damage, told) => {
    const { file, url, variables, line, rows, run } = await administrationWithKey();
    await damage(file, url);
    const before = await rows();
    const { stderr, ...started } = await runProgram('main.ts', [], {
      ...(await environment()).variables,
      ...variables,
    });
    expect(started).toEqual({ status: 1, stdout: '' });
    const messages = [stderr.replace("SSO service can't start: ", '')];
    for (const command of ['list', 'rotate', 'reseal']) {
      const { stderr, ...outcome } = await run(['key', command]);
      expect(outcome).toEqual({ status: 1, stdout: '' });
      messages.push(stderr.replace('error: ', ''));
    }
    for (const message of messages) {
      expect(message).toMatch(/^[^\n]+\n$/);
      expect(message.trimEnd()).toMatch(told);
      for (const secret of ['hush', line.trim()]) expect(message).not.toContain(secret);
    }
    expect(await rows()).toEqual(before);
  });
});
