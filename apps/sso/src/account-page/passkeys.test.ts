import { describe, expect, test } from 'vitest';
import { addGrace, logInOnPage, overviewOf, send } from '../../../../test/support/sso/account-requests.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import {
  addPasskey,
  creationOptions,
  register,
  sendPasskey,
  signInWith,
} from '../../../../test/support/sso/passkey-requests.ts';
import {
  ADA,
  cookieOf,
  FOO,
  GRACE,
  PASSWORD,
  SSO,
  type TestService,
  testService,
} from '../../../../test/support/sso/test-service.ts';
import {
  type SoftwareAuthenticator,
  softwareAuthenticator,
} from '../../../../test/support/webauthn/software-authenticator.ts';
import { ACCOUNT_PATHS } from './paths.ts';

const MINUTE_MS = 60_000;

const removePasskey = ({ app }: TestService, cookie: string, id: string) =>
  send(app, { method: 'DELETE', url: `${ACCOUNT_PATHS.passkeys}/${id}`, cookie });

const askForOptions = ({ app }: TestService, purpose: string, cookie?: string) =>
  send(app, {
    method: 'POST',
    url: ACCOUNT_PATHS.passkeyChallenge,
    body: { purpose },
    ...(cookie && { cookie }),
  });

/** Signs in on the account page with a passkey: at `reauthenticate` in place of the active session. */
async function signInOnPage(
  service: TestService,
  authenticator: SoftwareAuthenticator,
  { url = ACCOUNT_PATHS.login as string, cookie = '' } = {},
) {
  const { challenge } = (await askForOptions(service, 'authentication')).json().publicKey;
  const credential = authenticator.get({ challenge, origin: SSO });
  return await send(service.app, { method: 'POST', url, body: { credential }, cookie });
}

describe('adding a passkey', () => {
  test('asks for one that is found without a username, and verifies its person', async () => {
    const service = await testService();
    const cookie = await service.logIn();
    const { publicKey } = await creationOptions(service.app, cookie);
    expect(publicKey).toEqual({
      challenge: expect.stringMatching(/^[\w-]{74}$/),
      rp: { id: 'example.localhost', name: 'example.localhost' },
      user: { id: expect.stringMatching(/^[\w-]{86}$/), name: 'ada', displayName: 'Ada Lovelace' },
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ type: 'public-key', alg })),
      timeout: 300_000,
      excludeCredentials: [],
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
      attestation: 'none',
    });
  });

  test('shows it on the account page, with when it was used', async () => {
    const service = await testService();
    const cookie = await service.logIn();
    const authenticator = softwareAuthenticator();
    const answer = await register(service.app, cookie, authenticator);
    expect([answer.statusCode, answer.json()]).toEqual([201, { id: authenticator.id, name: 'My phone' }]);
    const createdAt = new Date(service.clock.now).toISOString();
    const listed = async () => (await overviewOf(service.app, cookie)).factors.passkeys;
    const shown = { id: authenticator.id, name: 'My phone', createdAt, lastUsedAt: null };
    expect(await listed()).toEqual([shown]);
    service.clock.now += 1000;
    await signInWith(service, authenticator);
    expect(await listed()).toEqual([{ ...shown, lastUsedAt: new Date(service.clock.now).toISOString() }]);
  });

  test('excludes those that the account has, and gives all of them one user handle', async () => {
    const service = await testService();
    const first = await addPasskey(service.app, await service.logIn());
    const cookie = cookieOf(await signInOnPage(service, first));
    const { publicKey } = await creationOptions(service.app, cookie);
    expect(publicKey.excludeCredentials).toEqual([
      { type: 'public-key', id: first.id, transports: ['internal'] },
    ]);
    expect(publicKey.user.id).toBe(first.userHandle);
  });

  test('is refused before the authenticator creates it, if the account has 20', async () => {
    const service = await testService();
    const first = await addPasskey(service.app, await service.logIn());
    const cookie = cookieOf(await signInOnPage(service, first));
    for (let count = 1; count < 19; count += 1) await addPasskey(service.app, cookie);
    const authenticator = softwareAuthenticator();
    const { challenge, user } = (await creationOptions(service.app, cookie)).publicKey;
    const credential = authenticator.create({ challenge, origin: SSO, user });
    await addPasskey(service.app, cookie);
    const answers = [
      await askForOptions(service, 'registration', cookie),
      await sendPasskey(service.app, cookie, credential),
    ];
    for (const answer of answers) {
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid-passkey']);
      expect(answer.json().detail).toMatch(/^The account has 20 passkeys/);
    }
    await removePasskey(service, cookie, first.id);
    expect((await askForOptions(service, 'registration', cookie)).statusCode).toBe(200);
  });

  test('ends the account’s other sessions if it is the first factor besides the password', async () => {
    const service = await testService();
    const [laptop, phone] = [await service.logIn(), await service.logIn()];
    const authenticator = await addPasskey(service.app, laptop);
    expect((await overviewOf(service.app, laptop)).sessionCount).toBe(1);
    await expect(overviewOf(service.app, phone)).rejects.toThrow('nobody is signed in');
    const later = cookieOf(await signInWith(service, authenticator));
    await addPasskey(service.app, later);
    expect((await overviewOf(service.app, later)).sessionCount).toBe(2);
  });

  test('doesn’t raise the session: to go on, its person signs in with the passkey', async () => {
    const service = await testService();
    const cookie = await service.logIn();
    const authenticator = await addPasskey(service.app, cookie);
    const [session] = await allRows(service.stores.sessions.pages(ADA.id));
    expect(session?.amr).toEqual(['pwd']);
    const refused = await askForOptions(service, 'registration', cookie);
    expect(refused.statusCode).toBe(401);
    expect(refused.json()).toMatchObject({ code: 'reauthentication-required', methods: ['passkey'] });
    const url = ACCOUNT_PATHS.reauthenticate;
    const renewed = await signInOnPage(service, authenticator, { url, cookie });
    expect(renewed.json()).toEqual({ status: 'signed in', account: ADA });
    await addPasskey(service.app, cookieOf(renewed));
  });
});

describe('adding or removing a passkey is refused', () => {
  test('without a session, and 10 minutes after the sign-in [T-PASSKEY-12]', async () => {
    const service = await testService();
    const cookie = await service.logIn();
    const authenticator = softwareAuthenticator();
    const { challenge, user } = (await creationOptions(service.app, cookie)).publicKey;
    const credential = authenticator.create({ challenge, origin: SSO, user });
    service.clock.now += 10 * MINUTE_MS + 1;
    const attempts = async (with_: string) => [
      await askForOptions(service, 'registration', with_),
      await sendPasskey(service.app, with_, credential),
      await removePasskey(service, with_, authenticator.id),
    ];
    for (const answer of await attempts('')) {
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'not-signed-in']);
    }
    for (const answer of await attempts(cookie)) {
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'reauthentication-required']);
    }
    expect(await service.stores.passkeys.of(ADA.id)).toEqual([]);
  });

  test('in a session of a password alone, once the account has a passkey [T-PASSKEY-12]', async () => {
    const service = await testService();
    const authenticator = await addPasskey(service.app, await service.logIn());
    const stolen = await service.logIn();
    for (const answer of [
      await askForOptions(service, 'registration', stolen),
      await removePasskey(service, stolen, authenticator.id),
    ]) {
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'reauthentication-required']);
    }
    expect(await service.stores.passkeys.of(ADA.id)).toHaveLength(1);
  });

  test('for another person’s passkey, as for one that doesn’t exist [T-PASSKEY-12]', async () => {
    const service = await testService();
    await addGrace(service.stores);
    const adas = await addPasskey(service.app, await service.logIn());
    const login = await logInOnPage(service.app, { username: GRACE.username, password: PASSWORD });
    const [own, other] = [cookieOf(login), softwareAuthenticator().id];
    const answers = [await removePasskey(service, own, adas.id), await removePasskey(service, own, other)];
    for (const answer of answers) expect([answer.statusCode, answer.json().code]).toEqual([404, 'not-found']);
    expect(answers[0]?.body).toBe(answers[1]?.body);
    expect(await service.stores.passkeys.of(ADA.id)).toHaveLength(1);
  });

  test('from any other origin, which gets no CORS header [T-PASSKEY-13]', async () => {
    const service = await testService();
    const cookie = await service.logIn();
    const requests = [
      { method: 'POST', url: ACCOUNT_PATHS.passkeyChallenge, body: { purpose: 'registration' } },
      { method: 'POST', url: ACCOUNT_PATHS.passkeyChallenge, body: { purpose: 'authentication' } },
      { method: 'POST', url: ACCOUNT_PATHS.passkeys, body: { name: 'x', credential: {} } },
      { method: 'DELETE', url: `${ACCOUNT_PATHS.passkeys}/AA` },
    ] as const;
    for (const request of requests) {
      for (const origin of [FOO, 'null', null]) {
        const answer = await send(service.app, { ...request, cookie, origin });
        expect([answer.statusCode, answer.json().code]).toEqual([403, 'origin-not-allowed']);
        expect(Object.keys(answer.headers).join()).not.toContain('access-control');
      }
    }
  });
});

test('removing a passkey ends the sessions of others who have used it [T-PASSKEY-12]', async () => {
  const service = await testService();
  const own = await addPasskey(service.app, await service.logIn());
  const cookie = cookieOf(await signInOnPage(service, own));
  const stolen = await addPasskey(service.app, cookie);
  const thief = cookieOf(await signInWith(service, stolen));
  expect((await removePasskey(service, cookie, stolen.id)).statusCode).toBe(200);
  await expect(overviewOf(service.app, thief)).rejects.toThrow('nobody is signed in');
  expect((await askForOptions(service, 'registration', thief)).json().code).toBe('not-signed-in');
  expect((await overviewOf(service.app, cookie)).sessionCount).toBe(1);
});

test('a person removes a passkey, which then signs nobody in', async () => {
  const service = await testService();
  const authenticator = await addPasskey(service.app, await service.logIn());
  const cookie = cookieOf(await signInOnPage(service, authenticator));
  const answer = await removePasskey(service, cookie, authenticator.id);
  expect([answer.statusCode, answer.json()]).toEqual([200, {}]);
  expect((await overviewOf(service.app, cookie)).factors.passkeys).toEqual([]);
  const refused = await signInWith(service, authenticator);
  expect(refused.json()).toMatchObject({ code: 'invalid-passkey', unknown: true });
});

test.each([76, 512])('a passkey with an id of %d bytes can be removed', async (length) => {
  const service = await testService();
  const authenticator = softwareAuthenticator({ id: Buffer.alloc(length, 1) });
  await addPasskey(service.app, await service.logIn(), authenticator);
  const cookie = cookieOf(await signInOnPage(service, authenticator));
  expect((await removePasskey(service, cookie, authenticator.id)).statusCode).toBe(200);
  expect(await service.stores.passkeys.of(ADA.id)).toEqual([]);
});

test('a reauthentication refuses another person’s passkey, and each try counts', async () => {
  const service = await testService();
  await addGrace(service.stores);
  const login = await logInOnPage(service.app, { username: GRACE.username, password: PASSWORD });
  const graces = await addPasskey(service.app, cookieOf(login));
  const cookie = await service.logIn();
  const url = ACCOUNT_PATHS.reauthenticate;
  const codes: string[] = [];
  for (let count = 0; count < 12; count += 1) {
    codes.push((await signInOnPage(service, graces, { url, cookie })).json().code);
  }
  expect(codes).toEqual([...Array(10).fill('invalid-passkey'), ...Array(2).fill('too-many-attempts')]);
  const failures = await allRows(service.stores.audit.pages({ kind: 'login failed', limit: 20 }));
  expect(failures.map(({ accountId, detail }) => ({ accountId, detail }))).toEqual(
    Array(10).fill({
      accountId: GRACE.id,
      detail: 'with a passkey: the session belongs to another account',
    }),
  );
});

test('a person signs in on the account page with a passkey', async () => {
  const service = await testService();
  const authenticator = await addPasskey(service.app, await service.logIn());
  const answer = await signInOnPage(service, authenticator);
  expect(answer.json()).toEqual({ status: 'signed in', account: ADA });
  expect((await overviewOf(service.app, cookieOf(answer))).account).toEqual(ADA);
});

test.each([
  ['is empty', ''],
  ['is too long', 'x'.repeat(65)],
  ['is a space', ' '],
  ['has two lines', 'My\nphone'],
  ['contains a NUL', 'My\0phone'],
  ['contains a lone surrogate', 'My \ud83d'],
  ['contains a bidirectional control', 'My \u202eenohp'],
])('a passkey name that %s is an invalid request', async (_title, name) => {
  const service = await testService();
  const cookie = await service.logIn();
  const { challenge, user } = (await creationOptions(service.app, cookie)).publicKey;
  const credential = softwareAuthenticator().create({ challenge, origin: SSO, user });
  const answer = await sendPasskey(service.app, cookie, credential, name);
  expect([answer.statusCode, answer.json().code]).toEqual([400, 'invalid-request']);
  expect((await sendPasskey(service.app, cookie, credential, '📱 of Ada')).statusCode).toBe(201);
});
