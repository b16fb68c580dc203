import type { HttpProblem } from '@samesite-sso/core';
import { expect, onTestFinished, test } from 'vitest';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { ADA, OPERATOR, PASSWORD, testService } from '../../../../test/support/sso/test-service.ts';
import type { Client } from '../sessions/client.ts';
import { AuthenticatorSecrets } from './factors/authenticator-secrets.ts';
import { CodeCheck } from './factors/code-check.ts';
import { hashPassword } from './hashing/argon2.ts';
import { PasswordHasher } from './hashing/hasher.ts';
import { PasswordQueue } from './hashing/password-queue.ts';
import { Login } from './login.ts';
import { LoginThrottle } from './login-throttle.ts';
import { RefusedSignIns } from './refused-sign-ins.ts';

const CLIENT: Client = { address: '192.0.2.1', userAgent: '', hasDisconnected: () => false };
const OLD_HASH = '$2b$04$RiLJnXoMBbt9.Pe3DD8chufEYifDMClMcytVCzKhU8pC2Mmc1i/SW';
const OLD_PASSWORD = 'the password of before';

/** Verifies passwords, and records the hashes. */
class RecordingHasher extends PasswordHasher {
  readonly verified: string[] = [];
  readonly hashed: string[] = [];

  override verify(...check: Parameters<PasswordHasher['verify']>): Promise<boolean> {
    this.verified.push(check[0]);
    return super.verify(...check);
  }

  override hash(password: string): Promise<string> {
    this.hashed.push(password);
    return super.hash(password);
  }
}

async function login() {
  const { stores, clock } = await testService();
  const hasher = new RecordingHasher();
  onTestFinished(() => hasher.close());
  const now = () => clock.now;
  const { accounts } = stores;
  const throttle = new LoginThrottle(stores.loginFailures, now);
  const refused = new RefusedSignIns(stores.audit, now);
  const subject = new Login({
    accounts,
    hasher,
    queue: new PasswordQueue(),
    throttle,
    refusedSignIns: refused,
    codeCheck: new CodeCheck(stores.factors, new AuthenticatorSecrets(null), now),
  });
  const old = { id: 'imported', username: 'grace', usernameKey: 'grace', displayName: 'Grace' };
  await accounts.add([{ ...old, passwordHash: OLD_HASH, isImported: true }], OPERATOR);
  const codeOf = (username: string, password: string, client: Client = CLIENT) =>
    subject.verifyPassword(username, password, client).then(
      () => 'right',
      (error: HttpProblem) => error.code,
    );
  const storedHashes = async () => {
    const credentials = [await accounts.findCredentials('ada'), await accounts.findCredentials('grace')];
    return credentials.map((each) => each?.passwordHash);
  };
  return { stores, hasher, codeOf, storedHashes, subject };
}

test('for unknown or disabled accounts, a random hash is checked, not a stored one [T-ENUM-05]', async () => {
  const { stores, hasher, codeOf, storedHashes } = await login();
  for (const id of [ADA.id, 'imported']) await stores.accounts.disable(id, OPERATOR);
  for (const [username, password] of [
    ['nobody', PASSWORD],
    ['ada', PASSWORD],
    ['grace', OLD_PASSWORD],
    ['grace', 'a wrong password'],
  ] as const) {
    expect(await codeOf(username, password)).toBe('invalid-credentials');
  }
  expect(hasher.verified).toHaveLength(4);
  expect(new Set(hasher.verified).size).toBe(4);
  for (const hash of hasher.verified) {
    expect(await storedHashes()).not.toContain(hash);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  }
});

test.each([
  ['wrong ones', 'ada', 'a wrong password'],
  ['names that nobody has', 'nobody', PASSWORD],
  ['an imported account', 'grace', 'a wrong password'],
])(
  'of thirty parallel guesses, exactly ten are verified: %s [T-GUESS-06]',
  async (_what, username, password) => {
    const { hasher, codeOf } = await login();
    const guess = () => codeOf(username, password);
    const codes = await Promise.all(Array.from({ length: 30 }, guess));
    // On a slow machine, the queue refuses some of them before the tenth is checked.
    while (codes.at(-1) !== 'too-many-attempts') codes.push(await guess());
    expect(hasher.verified).toHaveLength(10);
    expect(codes.filter((code) => code === 'invalid-credentials')).toHaveLength(10);
  },
);

test('beyond the limit no password is verified, so timing reveals nothing [T-GUESS-06]', async () => {
  const { hasher, codeOf } = await login();
  while ((await codeOf('ada', 'a wrong password')) !== 'too-many-attempts') {}
  const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf('ada', PASSWORD)));
  expect(new Set(codes)).toEqual(new Set(['too-many-attempts']));
  expect(hasher.verified).toHaveLength(10);
});

test('a disconnected client’s password isn’t verified, and its attempt counts as a failure', async () => {
  const { stores, hasher, codeOf } = await login();
  const gone = { ...CLIENT, hasDisconnected: () => true };
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    expect(await codeOf('ada', PASSWORD, gone)).toBe('invalid-credentials');
  }
  expect(hasher.verified).toEqual([]);
  expect(await codeOf('ada', PASSWORD)).toBe('too-many-attempts');
  const [record] = await allRows(stores.audit.pages({ kind: 'login failed', limit: 1 }));
  expect(record).toMatchObject({
    accountId: ADA.id,
    detail: 'the client disconnected before the password check',
  });
});

test('a client that leaves mid-check isn’t signed in, but its attempt counts [T-GUESS-11]', async () => {
  const { stores, hasher, codeOf } = await login();
  const leaving = { ...CLIENT, hasDisconnected: () => hasher.verified.length > 0 };
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    hasher.verified.length = 0;
    expect(await codeOf('ada', PASSWORD, leaving)).toBe('invalid-credentials');
  }
  expect(hasher.verified).toHaveLength(1);
  expect(await codeOf('ada', PASSWORD)).toBe('too-many-attempts');
  const [record] = await allRows(stores.audit.pages({ kind: 'login failed', limit: 1 }));
  expect(record).toMatchObject({ detail: 'the client disconnected before the response' });
});

test('an imported hash is replaced after the response to a right password only [T-ENUM-05]', async () => {
  const { stores, hasher, codeOf, storedHashes } = await login();
  expect(await codeOf('grace', 'a wrong password')).toBe('invalid-credentials');
  expect(hasher.hashed).toEqual([]);
  expect(await codeOf('grace', OLD_PASSWORD)).toBe('right');
  expect(await storedHashes()).toContain(OLD_HASH);
  await expect.poll(storedHashes).not.toContain(OLD_HASH);
  expect(hasher.hashed).toEqual([OLD_PASSWORD]);
  expect(await stores.accounts.findCredentials('grace')).toMatchObject({ isImported: false });
  expect(await codeOf('grace', OLD_PASSWORD)).toBe('right');
});

test('an imported hash with our parameters is replaced too: it may be of the password as typed', async () => {
  const { stores, codeOf } = await login();
  const passwordHash = await hashPassword('some other password');
  const account = { id: 'new', username: 'joan', usernameKey: 'joan', displayName: 'Joan' };
  await stores.accounts.add([{ ...account, passwordHash, isImported: true }], OPERATOR);
  expect(await codeOf('joan', 'some other password')).toBe('right');
  await expect.poll(async () => (await stores.accounts.findCredentials('joan'))?.isImported).toBe(false);
});

test.each([' ada ', 'ada\n', '\ufeffada', 'ada\u200b', '\u00a0ada', 'a\u00adda', 'ADA\u2060'])(
  'white space and invisible characters don’t make another account of a username: %j',
  async (username) => {
    const { codeOf } = await login();
    expect(await codeOf(username, PASSWORD)).toBe('right');
  },
);

test.each([` ${PASSWORD}`, `${PASSWORD} `, `${PASSWORD}\n`, `\ufeff${PASSWORD}`, `${PASSWORD}\u200b`])(
  'a password is never trimmed: %j',
  async (password) => {
    const { codeOf } = await login();
    expect(await codeOf('ada', password)).toBe('invalid-credentials');
  },
);

test('a sign-in that is refused after its verification counts as a failure, with one record', async () => {
  const { stores, subject, codeOf } = await login();
  const { refuse } = await subject.verifySignIn({ username: 'ada', password: PASSWORD }, CLIENT, {
    sid: 'a session',
    detail: 'at a reauthentication',
  });
  await expect(refuse('account changed')).rejects.toMatchObject({ code: 'invalid-credentials' });
  await expect(refuse('another account')).rejects.toMatchObject({ code: 'invalid-credentials' });
  for (let count = 0; count < 8; count += 1) {
    await expect(refuse('code used')).rejects.toMatchObject({ code: 'invalid-code' });
  }
  await expect(refuse('code used')).rejects.toMatchObject({ code: 'too-many-attempts' });
  expect(await codeOf('ada', PASSWORD)).toBe('too-many-attempts');
  const records = await allRows(stores.audit.pages({ kind: 'login failed', limit: 20 }));
  expect(records.map(({ accountId, sid, detail }) => [accountId, sid, detail])).toEqual([
    [ADA.id, 'a session', 'the account changed meanwhile, at a reauthentication'],
    [ADA.id, 'a session', 'the session belongs to another account, at a reauthentication'],
    ...Array(8).fill([ADA.id, 'a session', 'the code was used or replaced meanwhile, at a reauthentication']),
  ]);
});
