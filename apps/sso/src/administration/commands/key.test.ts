import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openKeyRing, SealingKeys } from '@samesite-sso/core';
import { describe, expect, test } from 'vitest';
import { addDemoAccounts } from '../../../../../test/support/accounts.ts';
import { keysBeside } from '../../../../../test/support/keys-beside.ts';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { newSealingKey } from '../../../../../test/support/sso/sealing-keys.ts';
import { ADA, GRACE, temporaryFolder } from '../../../../../test/support/sso/test-service.ts';
import { AuthenticatorSecrets } from '../../accounts/factors/authenticator-secrets.ts';
import { openChallengeKey } from '../../passkeys/challenge-key.ts';
import { openStores } from '../../storage/open-stores.ts';
import { administration, noDatabase, ownOf, startSession } from '../administration.fixture.ts';

/** With the key that a service creates when it first starts. */
async function administrationWithKey() {
  const { open, database, ...program } = administration();
  const keys = await openKeyRing(keysBeside(database));
  return { ...program, open, keys, first: keys.publicKeys.keys[0]?.kid ?? '' };
}

describe('the key commands:', () => {
  test('key list prints states and times, and no secret', async () => {
    const { done, json, first } = await administrationWithKey();
    const [headings, key] = (await done(['key', 'list'])).split('\n').map((line) => line.split(/ {2,}/));
    expect(headings).toEqual(['KID', 'STATE', 'CREATED', 'ACTIVE FROM', 'PUBLISHED UNTIL']);
    const toTheSecond = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(key).toEqual([first, 'signing', toTheSecond, toTheSecond, '-']);
    const [listed] = await json(['key', 'list']);
    expect(listed).toEqual({
      kid: first,
      state: 'signing',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      activeFrom: expect.stringMatching(/^\d{4}-.*Z$/),
      publishedUntil: null,
    });
  });

  test('key rotate adds a pending key, and refuses another until that one signs', async () => {
    const { run, done, json, open, first } = await administrationWithKey();
    const output = await done(['key', 'rotate']);
    const [next, signing] = await json(['key', 'list']);
    const toTheSecond = `${next.activeFrom.slice(0, 19)}Z`;
    expect(output).toBe(`Added the key ${next.kid}: it is published now and signs from ${toTheSecond}.\n`);
    expect([next.state, signing.state, signing.kid]).toEqual(['next', 'signing', first]);
    expect(await run(['key', 'rotate'])).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: the key ${next.kid} is already pending, and signs from ${next.activeFrom}\n`,
    });
    const records = await allRows(open().audit.pages({ kind: 'key rotated', limit: 10 }));
    expect(records).toMatchObject([{ detail: next.kid, actor: expect.stringMatching(/^operator ./) }]);
  });

  test('key rotate --now adds a key that signs at once, so that a leaked one can be retired', async () => {
    const { run, done, json, open, first } = await administrationWithKey();
    expect(await run(['key', 'retire', first])).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: the key ${first} is the one that signs: rotate first\n`,
    });
    expect(await done(['key', 'rotate', '--now'])).toMatch(/^Added the key \S+: it signs from now on\.\n$/);
    const [present, old] = await json(['key', 'list']);
    expect([present.state, old.state, old.kid]).toEqual(['signing', 'retiring', first]);
    expect(await done(['key', 'retire', first])).toBe(
      `Retired the key ${first}: it is no longer published.\n`,
    );
    expect(await json(['key', 'list'])).toHaveLength(1);
    expect(await allRows(open().audit.pages({ limit: 10 }))).toMatchObject([
      { kind: 'key rotated', detail: `${present.kid}, at once` },
      { kind: 'key retired', detail: first },
    ]);
  });

  test("a replaced key stays published for the lifetime of the service's tokens", async () => {
    const { database } = administration();
    await openKeyRing(keysBeside(database));
    const untilOf = async (variables: Record<string, string>) => {
      const { json } = administration({ SSO_DATABASE: database, ...variables });
      const [next, signing] = await json(['key', 'list']);
      return (Date.parse(signing.publishedUntil) - Date.parse(next.activeFrom)) / 1000;
    };
    await administration({ SSO_DATABASE: database }).done(['key', 'rotate']);
    expect(await untilOf({})).toBe(125); // A logout token is valid for 120 s.
    expect(await untilOf({ SSO_TOKEN_SECONDS: '600' })).toBe(605);
  });

  test('they fail if there are no keys, and create none', async () => {
    const { run, open } = administration();
    for (const command of [['list'], ['rotate'], ['retire', 'kid']]) {
      const { status, stdout, stderr } = await run(['key', ...command]);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toContain('the server creates it at its first start');
    }
    expect(await allRows(open().audit.pages({ limit: 10 }))).toEqual([]);
  });

  test("they don't upgrade the database if there are no keys", async () => {
    const { database, run } = administration({ SSO_DATABASE: noDatabase() });
    writeFileSync(database, '');
    expect(await run(['key', 'rotate', '--now'])).toMatchObject({ status: 1 });
    expect(statSync(database).size).toBe(0);
  });

  test('they refuse an unknown key and invalid variables', async () => {
    const { run } = await administrationWithKey();
    expect(await run(['key', 'retire', 'kid'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: there is no key kid\n',
    });
    const { SSO_DATABASE, ...times } = { SSO_DATABASE: ' ', SSO_TOKEN_SECONDS: 'soon' };
    expect(await administration({ SSO_DATABASE, ...times }).run(['key', 'list'])).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'error: SSO_DATABASE is empty\n' +
        'error: SSO_TOKEN_SECONDS is not a number of seconds from 1 to a year (it is "soon")\n',
    });
  });
});

/** A database with a pending authenticator app of ada and of grace, and a key of challenges. */
async function sealedSecrets() {
  const folder = temporaryFolder();
  const [database, file] = [path.join(folder, 'sso.sqlite'), path.join(folder, 'sealing-keys')];
  await addDemoAccounts(database);
  const write = (...lines: string[]) => writeFileSync(file, lines.join('\n'), { mode: 0o600 });
  const old = newSealingKey();
  write(old);
  const stores = await openStores(database);
  const sealing = new AuthenticatorSecrets(SealingKeys.read(file));
  for (const { id } of [ADA, GRACE]) {
    const own = ownOf(await startSession(stores, { accountId: id }), id);
    await stores.factors.prepareAuthenticator(own, await sealing.seal(id, Buffer.from(`secret of ${id}`)), 1);
  }
  await openChallengeKey(stores.serviceSecrets, SealingKeys.read(file));
  await stores.close();
  /** The secrets of authenticator apps that the keys in the file open, as they open the key of challenges. */
  const open = async () => {
    const reopened = await openStores(database);
    const opening = new AuthenticatorSecrets(SealingKeys.read(file));
    const texts: string[] = [];
    for await (const page of reopened.factors.sealedSecrets()) {
      for (const sealed of page) texts.push(Buffer.from(await opening.open(sealed)).toString());
    }
    await openChallengeKey(reopened.serviceSecrets, SealingKeys.read(file));
    await reopened.close();
    return texts;
  };
  const commands = administration({ SSO_DATABASE: database, SSO_SEALING_KEY_FILE: file });
  return { ...commands, database, write, old, open };
}

test('key reseal seals the secrets of authenticator apps with the first sealing key, once', async () => {
  const { done, json, write, old, open } = await sealedSecrets();
  const added = newSealingKey();
  write(added, old);
  expect(await done(['key', 'reseal'])).toBe(
    'Resealed 2 of 2 authenticator apps: the first sealing key opens all of them.\n',
  );
  expect(await json(['key', 'reseal'])).toEqual({ authenticators: { resealed: 0, total: 2 } });
  write(added);
  expect(await open()).toEqual([ADA, GRACE].map(({ id }) => `secret of ${id}`));
});

test('key reseal changes nothing if no sealing key opens a secret, and names it', async () => {
  const { run, write, old, open } = await sealedSecrets();
  write(newSealingKey());
  expect(await run(['key', 'reseal'])).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(
      /^error: SSO_SEALING_KEY_FILE: no key in \S+ opens the sso authenticator secret account-of-ada: .+\n$/,
    ),
  });
  write(old);
  expect(await open()).toHaveLength(2);
});

test('key reseal needs the file of sealing keys', async () => {
  const { database } = await sealedSecrets();
  expect(await administration({ SSO_DATABASE: database }).run(['key', 'reseal'])).toEqual({
    status: 1,
    stdout: '',
    stderr: 'error: SSO_SEALING_KEY_FILE is missing: there is no key to seal with\n',
  });
});
