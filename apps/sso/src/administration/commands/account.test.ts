import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, GRACE, OPERATOR } from '../../../../../test/support/sso/test-service.ts';
import { validateDisplayName } from '../../accounts/display-name.ts';
import { validateUsername } from '../../accounts/username.ts';
import { addAda, administration, noticesForFoo, ownOf, startSession } from '../administration.fixture.ts';

test('account list shows all accounts and which are disabled, without hashes', async () => {
  const { done, json, open } = administration();
  const stores = open();
  await addAda(stores);
  await stores.accounts.disable(ADA.id, { ...OPERATOR, at: Date.parse('2026-11-22T12:34:56Z') });
  expect(await done(['account', 'list'])).toBe(
    'USERNAME  DISPLAY NAME  ADDED              DISABLED\n' +
      'ada       Ada Lovelace  1970-01-01T00:00Z  2026-11-22T12:34Z\n',
  );
  expect(await json(['account', 'list'])).toEqual([
    { ...ADA, createdAt: '1970-01-01T00:00:00.000Z', disabledAt: '2026-11-22T12:34:56.000Z' },
  ]);
});

test('account show finds a username in any spelling, and shows the sessions', async () => {
  const { done, json, open } = administration();
  const stores = open();
  await addAda(stores);
  const sid = await startSession(stores);
  const shown = await done(['account', 'show', 'ADA']);
  expect(shown).toMatch(/^id: +account-of-ada\nusername: +ada\ndisplay name: +Ada Lovelace\nadded: +1970-/);
  expect(shown).toMatch(
    /\ndisabled: +-\ngroups: +-\npasskeys: +-\nauthenticator app: +-\nrecovery codes: +-\n/,
  );
  expect(shown).toMatch(/\nsessions: +1\n\nSID /);
  expect(shown).toContain(sid);
  expect(await json(['account', 'show', 'ada'])).toEqual({
    ...ADA,
    createdAt: '1970-01-01T00:00:00.000Z',
    disabledAt: null,
    groups: [],
    factors: { passkeys: [], authenticator: false, recoveryCodes: 0 },
    sessions: [expect.objectContaining({ sid, account: ADA, address: '192.0.2.1', userAgent: 'Lynx' })],
  });
});

test('account show lists the factors besides the password', async () => {
  const { done, json, open } = administration();
  const stores = open();
  await addAda(stores);
  const own = ownOf(await startSession(stores));
  const passkey = {
    ...{ id: 'AAAA', name: 'My phone', createdAt: Date.parse('2026-11-22T12:34:56Z') },
    ...{ rpId: 'example.localhost', publicKey: Buffer.of(1), counter: 0 },
    ...{ transports: [], isBackupEligible: false },
  };
  await stores.passkeys.add(own, passkey, { hash: Buffer.alloc(32), expiresAt: Date.now() }, OPERATOR);
  expect(await done(['account', 'show', 'ada'])).toMatch(
    /\npasskeys: +My phone\nauthenticator app: +-\nrecovery codes: +-\n/,
  );
  const createdAt = '2026-11-22T12:34:56.000Z';
  expect((await json(['account', 'show', 'ada'])).factors).toEqual({
    passkeys: [{ id: 'AAAA', name: 'My phone', createdAt, lastUsedAt: null }],
    authenticator: false,
    recoveryCodes: 0,
  });
});

test('account show says whether there is an authenticator app, and how many recovery codes', async () => {
  const { done, json, open } = administration();
  const stores = open();
  await addAda(stores);
  const own = ownOf(await startSession(stores));
  await stores.factors.prepareAuthenticator(own, 'a sealed secret', Date.now() + 60_000);
  const pending = { sealedSecret: 'a sealed secret', lastStep: 1 };
  await stores.factors.confirmAuthenticator(own, pending, [Buffer.alloc(32)], OPERATOR);
  expect(await done(['account', 'show', 'ada'])).toMatch(
    /\npasskeys: +-\nauthenticator app: +yes\nrecovery codes: +1\n/,
  );
  expect((await json(['account', 'show', 'ada'])).factors).toEqual({
    passkeys: [],
    authenticator: true,
    recoveryCodes: 1,
  });
});

test.each([' ada\n', 'ADA\u00a0', '\ufeffada', 'a\u200bda', ADA.id])(
  'account show finds ada by %j',
  async (name) => {
    const { json, open } = administration();
    await addAda(open());
    expect(await json(['account', 'show', name])).toMatchObject(ADA);
  },
);

test('account add keeps a username without the white space around it, and accepts it only once', async () => {
  const { runProcess, json } = administration();
  const add = (username: string) =>
    runProcess(
      ['account', 'add', username, '--name', 'Grace', '--password-stdin'],
      '\ufeffcorrect horse battery staple\r\n',
    );
  expect(await add('\u00a0Grace ')).toMatchObject({ status: 0, stdout: 'Added Grace (Grace).\n' });
  expect(await add('grace\u200b')).toMatchObject({ status: 1, stdout: '' });
  expect(await json(['account', 'list'])).toMatchObject([{ username: 'Grace' }]);
});

describe('account rename', () => {
  test('changes the username or the display name, and keeps the id', async () => {
    const { done, json, open } = administration();
    const { accounts, ...stores } = open();
    await addAda({ accounts, ...stores });
    expect(await done(['account', 'rename', 'ada', 'countess', '--name', 'Ada King'])).toBe(
      'Renamed ada (Ada Lovelace) to countess (Ada King).\n',
    );
    expect(await accounts.find('countess')).toMatchObject({ id: ADA.id, displayName: 'Ada King' });
    expect(await accounts.find('ada')).toBeNull();
    expect(await json(['account', 'rename', 'countess', '--name', 'Ada'])).toMatchObject({
      id: ADA.id,
      username: 'countess',
      displayName: 'Ada',
    });
    expect(await json(['account', 'rename', 'countess', 'ada'])).toMatchObject({
      username: 'ada',
      displayName: 'Ada',
    });
  });

  test('changes the spelling of a username, and refuses one that is taken', async () => {
    const { run, done, open } = administration();
    const stores = open();
    await addAda(stores);
    await stores.accounts.add([{ ...GRACE, usernameKey: 'grace', passwordHash: '' }], OPERATOR);
    await done(['account', 'rename', 'ada', 'Ada']);
    expect(await run(['account', 'rename', 'ada', 'GRACE'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: account GRACE already exists\n',
    });
    expect((await allRows(stores.accounts.pages())).map(({ username }) => username)).toEqual([
      'Ada',
      'grace',
    ]);
  });

  test('refuses invalid names', async () => {
    const { run } = administration();
    expect(await run(['account', 'rename', 'ada', 'a b', '--name', '\u202eada'])).toEqual({
      status: 1,
      stdout: '',
      stderr:
        `error: the username ${validateUsername('a b')}\n` +
        `error: the display name ${validateDisplayName('\u202eada')}\n`,
    });
  });

  test('requires a new username or --name', async () => {
    const { run } = administration();
    expect(await run(['account', 'rename', 'ada'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("error: specify a new username, '--name', or both\n"),
    });
  });
});

test.each([
  { verb: 'disable', output: 'Disabled ada; 1 session ended.\n', kind: 'account disabled' },
  { verb: 'remove', output: 'Removed ada; 1 session ended.\n', kind: 'account removed' },
] as const)(
  'account $verb ends the sessions, queues notices for the apps, and is audited',
  async ({ verb, output, kind }) => {
    const { done, open } = administration();
    const stores = open();
    await addAda(stores);
    const sid = await startSession(stores);
    expect(await done(['account', verb, 'ada'])).toBe(output);
    expect(await allRows(stores.sessions.pages())).toEqual([]);
    expect(await noticesForFoo(stores)).toEqual([sid]);
    const [record] = await allRows(stores.audit.pages({ kind, limit: 1 }));
    expect(record).toMatchObject({
      username: 'ada',
      actor: expect.stringMatching(/^operator ./),
      address: null,
    });
    expect(Math.abs(Date.now() - (record?.at ?? 0))).toBeLessThan(60_000);
  },
);

test('account disable and enable fail if nothing would change', async () => {
  const { run, done, open } = administration();
  const { accounts, ...stores } = open();
  await addAda({ accounts, ...stores });
  const refused = (stderr: string) => ({ status: 1, stdout: '', stderr });
  expect(await run(['account', 'enable', 'ada'])).toEqual(refused("error: account ada isn't disabled\n"));
  await done(['account', 'disable', 'ada']);
  expect((await accounts.findCredentials('ada'))?.isDisabled).toBe(true);
  expect(await run(['account', 'disable', 'ada'])).toEqual(
    refused('error: account ada is already disabled\n'),
  );
  expect(await done(['account', 'enable', 'ada'])).toBe('Enabled ada.\n');
  expect((await accounts.findCredentials('ada'))?.isDisabled).toBe(false);
});

test('account disable, enable and remove print the account and ended sessions as JSON', async () => {
  const { json, open } = administration();
  const stores = open();
  await addAda(stores);
  await startSession(stores);
  expect(await json(['account', 'disable', 'ada'])).toMatchObject({
    ...ADA,
    disabledAt: expect.stringMatching(/^\d{4}-.*Z$/),
    sessionsEnded: 1,
  });
  expect(await json(['account', 'enable', 'ada'])).toMatchObject({ ...ADA, disabledAt: null });
  expect(await json(['account', 'remove', 'ada'])).toMatchObject({ ...ADA, sessionsEnded: 0 });
  expect(await json(['account', 'list'])).toEqual([]);
});

test.each(['show', 'rename', 'disable', 'enable', 'set-password', 'remove'])(
  'account %s fails if there is no such account',
  async (verb) => {
    const { run } = administration();
    const more = { rename: ['grace'], 'set-password': ['--password-stdin'] }[verb] ?? [];
    expect(await run(['account', verb, 'nobody', ...more])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'error: account nobody not found\n',
    });
  },
);
