/** `migrate-to` against a real PostgreSQL server: what exists in SQLite before works afterwards. */
import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileKeyStore, keyFileOf, listKeys, openKeyRing, rotateKey, sha256 } from '@samesite-sso/core';
import Sqlite from 'better-sqlite3';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { runOn } from '../../../../../test/support/postgres.ts';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { runProgram } from '../../../../../test/support/sso/run-program.ts';
import { running, started } from '../../../../../test/support/sso/running-service.ts';
import {
  ADA,
  byPassword,
  FOO,
  GRACE,
  LOREM,
  NO_REQUIREMENT,
  OPERATOR,
} from '../../../../../test/support/sso/test-service.ts';
import { MIGRATIONS } from '../../storage/sqlite/schema.ts';
import type { LogoutNotice, NewSession, SignInProof, Stores } from '../../storage/stores.ts';
import { addAda, noDatabase, ownOf, startSession } from '../administration.fixture.ts';
import { installation } from './migrate-to.fixture.ts';

const CONTEXT = () => ({ at: Date.now(), actor: 'person', address: '192.0.2.1' });
const LIMITS = {
  windowMs: 900_000,
  networks: [{ name: '192.0.2.1', maxFailuresPerAccount: 3, maxFailures: 300 }],
};

test('moves accounts and sessions, so that nobody is signed out', async () => {
  const { fill, done, openMoved, target, database } = await installation();
  const sids: string[] = [];
  let before: unknown;
  await fill(async (stores) => {
    await addAda(stores);
    const grace = { ...GRACE, usernameKey: 'grace', passwordHash: 'hash of grace', isImported: true };
    await stores.accounts.add([grace], OPERATOR);
    await stores.accounts.disable(GRACE.id, OPERATOR);
    await stores.accounts.setPassword(ADA.id, 'a new hash', {}, OPERATOR);
    for (const userAgent of ['Lynx', 'w3m "quoted", \\ and {braces}', '']) {
      sids.push(await startSession(stores, { userAgent, passwordVersion: 2 }));
    }
    before = [await allRows(stores.accounts.pages()), await allRows(stores.sessions.pages())];
  });
  const output = await done(['migrate-to', target]);
  expect(output).toMatch(/^TABLE +SQLITE +POSTGRESQL\n/);
  expect(output).toMatch(/^account +2 +2\n(.+\n)*sso_session +3 +3\n(.+\n)*signing_key +0 +0$/m);
  expect(output).toContain(`set SSO_DATABASE=${target} `);
  expect(output).toContain(`Keep ${database} as a backup. Never start the service on it again`);
  const stores = await openMoved();
  expect([await allRows(stores.accounts.pages()), await allRows(stores.sessions.pages())]).toEqual(before);
  expect(await stores.accounts.findCredentials('ada')).toMatchObject({ passwordVersion: 2 });
  expect(await stores.accounts.findCredentials('grace')).toEqual({
    account: GRACE,
    passwordHash: 'hash of grace',
    isImported: true,
    passwordVersion: 1,
    isDisabled: true,
  });
  for (const sid of sids) expect(await stores.sessions.find(sha256(sid))).toMatchObject({ account: ADA });
  // Later sessions come after the moved ones.
  await startSession(stores, { passwordVersion: 2 });
  expect(await stores.sessions.end({ accountId: ADA.id }, 'signed out', CONTEXT())).toBe(4);
  expect(await stores.logoutNotices.appsDue('a test', Date.now())).toEqual([FOO]);
});

test('moves tokens, so that a pending one can be redeemed once and a redeemed one cannot', async () => {
  const { fill, migrate, openMoved } = await installation();
  const [pending, redeemed] = [sha256('a pending token'), sha256('a redeemed token')];
  const expiresAt = Date.now() + 30_000;
  let sid = '';
  const used = { app: FOO, jti: 'a used \0 jti', expiresAt };
  await fill(async (stores) => {
    await addAda(stores);
    sid = await startSession(stores);
    const token = { app: FOO, sid, sessionTokenHash: sha256(sid), expiresAt };
    for (const hash of [pending, redeemed])
      await stores.tokens.issue({ ...token, hash }, NO_REQUIREMENT, CONTEXT());
    expect(await stores.tokens.redeem(redeemed, used, NO_REQUIREMENT, 0, CONTEXT())).toHaveProperty(
      'session',
    );
  });
  await migrate();
  const stores = await openMoved();
  const redeem = (hash: Buffer, jti: string = randomUUID()) =>
    stores.tokens.redeem(hash, { app: FOO, jti, expiresAt }, NO_REQUIREMENT, 0, CONTEXT());
  expect(await redeem(redeemed)).toEqual({ inactiveReason: 'already redeemed' });
  expect(await redeem(pending, used.jti)).toBeNull();
  expect(await redeem(pending)).toHaveProperty('session');
  expect(await redeem(pending)).toEqual({ inactiveReason: 'already redeemed' });
  // An app may end the sessions from which it has redeemed a token.
  expect(await stores.sessions.end({ sid, redeemedBy: FOO }, 'signed out', CONTEXT())).toBe(1);
});

test('moves logout notices, failed sign-ins and the last servers of the apps', async () => {
  const { fill, migrate, openMoved } = await installation();
  const hash = sha256('ada');
  const sids: string[] = [];
  let before: LogoutNotice[] = [];
  await fill(async (stores) => {
    await addAda(stores);
    for (let index = 0; index < 2; index++) sids.push(await startSession(stores));
    await stores.sessions.end({ sids }, 'signed out', CONTEXT());
    const due = () => stores.logoutNotices.due(FOO, 'a stopped process', Date.now(), 10);
    for (const notice of (await due()).slice(1)) await stores.logoutNotices.postpone(notice, Date.now());
    before = await due();
    for (let count = 0; count < 2; count++) {
      await stores.loginFailures.add({ usernameHash: hash, accountId: ADA.id }, LIMITS, CONTEXT());
    }
    const apps = [{ origin: LOREM, name: 'Lorem', server: 'http://127.0.0.1:4002' }];
    await stores.registry.record({ instance: 'a killed one', apps, loadedAt: 1 }, Date.now());
  });
  await migrate();
  const stores = await openMoved();
  const notices = await stores.logoutNotices.due(FOO, 'a new process', Date.now(), 10);
  expect(notices.map(({ attempts }) => attempts)).toEqual([0, 1]);
  expect(notices).toEqual(before);
  await stores.logoutNotices.delivered(notices, CONTEXT());
  expect(await stores.logoutNotices.appsDue('a new process', Date.now())).toEqual([]);
  const failure = { usernameHash: hash, accountId: ADA.id };
  expect(await stores.loginFailures.add(failure, LIMITS, CONTEXT())).toBeNull();
  expect(await stores.loginFailures.add(failure, LIMITS, CONTEXT())).toMatchObject({ of: 'account' });
  expect(await stores.registry.servers()).toEqual(new Map([[LOREM, 'http://127.0.0.1:4002']]));
  expect(await stores.registry.find(0)).toEqual([]);
});

test('moves the audit trail in its order and with its ids, and goes on after the last id', async () => {
  const { database, fill, migrate, openMoved, countMovedRows } = await installation();
  let before: unknown[] = [];
  await fill(async (stores) => {
    const records = Array.from({ length: 12_001 }, (_, index) => ({
      event: { kind: 'login failed', detail: `number ${index}` } as const,
      context: { ...CONTEXT(), at: 12_001 - index },
    }));
    await stores.audit.addAll(records);
    before = await allRows(stores.audit.pages({ limit: 20_000 }));
  });
  // The newest ones have been purged, since the clock was set forward.
  const sqlite = new Sqlite(database);
  sqlite.exec('DELETE FROM audit_record WHERE id > 12000');
  sqlite.close();
  expect(await migrate()).toMatchObject({ status: 0, stderr: '' });
  expect(await countMovedRows()).toBe(12_001);
  const stores = await openMoved();
  const records = await allRows(stores.audit.pages({ limit: 20_000 }));
  expect(records.slice(0, -1)).toEqual(before.slice(0, -1));
  expect(records.at(-1)).toMatchObject({
    id: 12_002,
    kind: 'database moved',
    actor: expect.stringMatching(/^operator ./),
    detail: database,
  });
});

test('moves the keys sealed, so that a token signed before verifies and no kid changes', async () => {
  const { database, url, done, target, openMoved } = await installation();
  const keys = fileKeyStore(keyFileOf(database));
  const ring = await openKeyRing(keys);
  await rotateKey(keys);
  const jwt = ring.sign('authentication-token+jwt', { sub: ADA.id });
  await ring.close();
  const before = await listKeys(keys);
  expect(await done(['migrate-to', target])).toMatch(/^signing_key +2 +2$/m);
  const stores = await openMoved();
  const moved = stores.signingKeys(null);
  const kids = (await listKeys(moved)).map(({ kid, createdAt, activeFrom }) => ({
    kid,
    createdAt,
    activeFrom,
  }));
  expect(kids).toEqual(before.map(({ kid, createdAt, activeFrom }) => ({ kid, createdAt, activeFrom })));
  const movedRing = await openKeyRing(moved);
  onTestFinished(() => movedRing.close());
  expect((await jwtVerify(jwt, createLocalJWKSet(movedRing.publicKeys))).payload.sub).toBe(ADA.id);
  const { rows } = await runOn(url, 'SELECT sealed_key FROM signing_key');
  for (const { sealed_key } of rows) expect(sealed_key).toMatch(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/);
});

test('a service that starts on the new database goes on where the old one stopped', async () => {
  const { variables, logIn, post, child, ended, url } = await running();
  const { target, url: SSO_DATABASE, environment } = await installation(variables.SSO_DATABASE);
  const [cookie = ''] = (await logIn()).headers.getSetCookie();
  const publicKeys = async () => await (await fetch(`${url}/.well-known/jwks.json`)).json();
  const before = await publicKeys();
  child.kill('SIGTERM');
  await ended;
  const { status, stderr } = await runProgram('cli.ts', ['migrate-to', target], environment);
  expect([status, stderr]).toEqual([0, '']);
  await started({ ...variables, ...environment, SSO_DATABASE });
  expect(await publicKeys()).toEqual(before);
  const response = await post({ request: 'login status' }, cookie);
  expect(await response.json()).toMatchObject({ status: 'signed in', account: ADA });
  expect((await post({ request: 'authentication token' }, cookie)).status).toBe(200);
});

test('migrates an older schema first', async () => {
  const { database, migrate, openMoved } = await installation(noDatabase());
  writeFileSync(database, '', { mode: 0o600 });
  const sqlite = new Sqlite(database);
  sqlite.exec(MIGRATIONS[0] ?? '');
  sqlite.pragma('user_version = 1');
  sqlite.exec("INSERT INTO account VALUES ('1', 'ada', 'ada', 'Ada Lovelace', 'a hash', 5)");
  sqlite.exec(`INSERT INTO sso_session VALUES ('a sid', x'00ff', '1', 6, 7, 8)`);
  sqlite.close();
  expect(await migrate()).toMatchObject({ status: 0, stderr: '' });
  const stores = await openMoved();
  expect(await stores.sessions.find(Buffer.from([0, 255]))).toMatchObject({ sid: 'a sid', lastSeenAt: 7 });
});

test('prints the counts as JSON', async () => {
  const { database, fill, json, target } = await installation();
  await fill(addAda);
  expect(await json(['migrate-to', target])).toEqual({
    from: database,
    to: target,
    tables: expect.arrayContaining([
      { table: 'account', rows: 1 },
      { table: 'signing_key', rows: 0 },
    ]),
  });
});

const LATER = Date.now() + 3_600_000;
const HANDLE = randomBytes(64);
const CODE = randomBytes(32);
const SECRET = sha256('the secret of an invitation');
const PASSKEY = {
  id: 'a credential id',
  rpId: 'example.localhost',
  publicKey: randomBytes(77),
  counter: 7,
  transports: ['internal', 'hybrid'],
  isBackupEligible: true,
  name: 'A phone',
  createdAt: 5,
};
const SPENT = { hash: randomBytes(32), expiresAt: LATER };

async function addFactors(stores: Stores): Promise<void> {
  await addAda(stores);
  const own = ownOf(await startSession(stores));
  for (const name of ['staff', 'admins', 'guests']) await stores.groups.add(name, [ADA.id], OPERATOR);
  await stores.groups.remove('guests', [ADA.id], OPERATOR);
  await stores.factors.prepareAuthenticator(own, 'a sealed secret', LATER);
  const confirmed = { sealedSecret: 'a sealed secret', lastStep: 100 };
  await stores.factors.confirmAuthenticator(own, confirmed, [CODE], OPERATOR);
  const again = { sid: randomUUID(), tokenHash: sha256('renewed'), accountId: ADA.id, endsAt: LATER };
  const code = { kind: 'authenticator', sealedSecret: 'a sealed secret', passwordVersion: 1 } as const;
  const proof = { ...code, step: 101 };
  const renewal = { ...again, proof, userAgent: 'Lynx', device: 'Lynx' };
  await stores.sessions.start(renewal, own.tokenHash, 0, CONTEXT());
  const renewed = { ...own, tokenHash: again.tokenHash };
  await stores.factors.prepareAuthenticator(renewed, 'another sealed secret', LATER);
  await stores.passkeys.findOrCreateUserHandle(ADA.id, HANDLE);
  await stores.passkeys.add(renewed, PASSKEY, SPENT, OPERATOR);
  await stores.invitations.create({ accountId: ADA.id, secretHash: SECRET, expiresAt: LATER }, OPERATOR);
  await stores.serviceSecrets.findOrCreate('a secret', 'its value');
}

/** Everything about ada that `addFactors` has stored. */
async function factorsIn(stores: Stores) {
  const { factors, passkeys, groups, invitations, serviceSecrets } = stores;
  return {
    groups: await groups.of(ADA.id),
    reviews: await groups.findUnreviewed(9),
    factors: await factors.of(ADA.id),
    authenticator: await factors.findAuthenticator(ADA.id),
    secrets: await allRows(factors.sealedSecrets()),
    changes: await factors.changesSince(ADA.id, 0),
    passkey: await passkeys.find(PASSKEY.id),
    invited: await invitations.find(SECRET, Date.now()),
    secret: await serviceSecrets.findOrCreate('a secret', 'another'),
  };
}

test('migrate-to moves groups, factors and invitations, and nothing that was used works again', async () => {
  const { fill, migrate, openMoved } = await installation();
  let before: unknown;
  await fill(async (stores) => {
    await addFactors(stores);
    before = await factorsIn(stores);
  });
  await migrate();
  const stores = await openMoved();
  expect(await factorsIn(stores)).toEqual(before);
  expect(before).toMatchObject({
    groups: ['admins', 'staff'],
    reviews: [ADA.id],
    factors: { passkeyCount: 1, hasAuthenticator: true, recoveryCodeCount: 1 },
    secrets: [{ sealedSecret: 'a sealed secret' }, { sealedSecret: 'another sealed secret' }],
    passkey: { ...PASSKEY, userHandle: HANDLE },
    invited: ADA,
    secret: 'its value',
  });
  const start = (proof: SignInProof) => {
    const session: NewSession = {
      sid: randomBytes(8).toString('hex'),
      tokenHash: randomBytes(32),
      accountId: ADA.id,
      proof,
      endsAt: LATER,
      userAgent: '',
      device: '',
    };
    return stores.sessions.start(session, null, 0, { ...OPERATOR, at: Date.now() });
  };
  expect(await start(byPassword())).toEqual({ refusal: 'account changed' });
  const sealedSecret = 'a sealed secret';
  const used = { kind: 'authenticator', step: 100, sealedSecret, passwordVersion: 1 } as const;
  expect(await start(used)).toEqual({ refusal: 'code used' });
  expect(await start({ ...used, step: 102 })).toHaveProperty('sid');
  expect(await start({ kind: 'recovery code', hash: CODE, passwordVersion: 1 })).toHaveProperty('sid');
  const passkey = { kind: 'passkey', credentialId: PASSKEY.id, counter: 8 } as const;
  expect(await start({ ...passkey, challenge: SPENT })).toEqual({ refusal: 'challenge spent' });
  const challenge = { hash: randomBytes(32), expiresAt: LATER };
  expect(await start({ ...passkey, challenge })).toHaveProperty('sid');
});
