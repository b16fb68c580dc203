/**
 * The attacker has a page of the site, an authenticator and an account of their own, or sees what another
 * page and an authenticator say to each other. They want to be signed in as somebody else, or to have their
 * own passkey accepted for somebody else's account.
 */
import { describe, expect, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { databaseState } from '../support/database-state.ts';
import { addGrace, logInOnPage, send } from '../support/sso/account-requests.ts';
import {
  addPasskey,
  askForOptions,
  challengeFor,
  creationOptions,
  passkeyLogin,
  type SignInChanges,
  sendPasskey,
  signInWith,
} from '../support/sso/passkey-requests.ts';
import {
  cookieOf,
  FOO,
  GRACE,
  LOREM,
  PASSWORD,
  SSO,
  type TestService,
  testService,
} from '../support/sso/test-service.ts';
import {
  FLAGS,
  type SoftwareAuthenticator,
  softwareAuthenticator,
} from '../support/webauthn/software-authenticator.ts';

const UNLISTED = 'http://evil.app.example.localhost:4001';

/** A service where ada and grace have a passkey each. */
async function given() {
  const service = await testService();
  await addGrace(service.stores);
  const ada = await addPasskey(service.app, await service.logIn());
  const login = await logInOnPage(service.app, { username: GRACE.username, password: PASSWORD });
  const grace = await addPasskey(service.app, cookieOf(login));
  // Failures are counted and recorded. Nothing else may change.
  const state = () =>
    databaseState({ sso: service.config.database }, ['sso.audit_record', 'sso.login_failure']);
  const expectRefused = async (attempt: () => ReturnType<TestService['post']>, code = 'invalid-passkey') => {
    const before = await state();
    const answer = await attempt();
    expect(answer.json().code).toBe(code);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.body).not.toMatch(/ada|grace|signature|challenge|counter/i);
    expect(await state()).toEqual(before);
  };
  return { ...service, ada, grace, state, expectRefused };
}
type Given = Awaited<ReturnType<typeof given>>;

describe('a page of the site', () => {
  test('that isn’t registered gets no challenge, and can’t use one [T-PASSKEY-01]', async () => {
    const service = await given();
    await service.expectRefused(
      () => service.post({ request: 'passkey challenge' }, { origin: UNLISTED }),
      'origin-not-allowed',
    );
    const challenge = await challengeFor(service, FOO);
    const credential = service.ada.get({ challenge, origin: UNLISTED });
    await service.expectRefused(
      () => passkeyLogin(service, credential, { origin: UNLISTED }),
      'origin-not-allowed',
    );
    await service.expectRefused(() => passkeyLogin(service, credential));
  });

  test('of another registered app can’t relay an assertion to foo [T-PASSKEY-01]', async () => {
    const service = await given();
    for (const asked of [FOO, LOREM]) {
      const challenge = await challengeFor(service, asked);
      const onLorem = service.ada.get({ challenge, origin: LOREM });
      await service.expectRefused(() => passkeyLogin(service, onLorem, { origin: FOO }));
      const onFoo = service.ada.get({ challenge, origin: FOO });
      await service.expectRefused(() => passkeyLogin(service, onFoo, { origin: LOREM }));
    }
  });

  test('can’t use the challenge that another page asked for [T-PASSKEY-02]', async () => {
    const service = await given();
    const challenge = await challengeFor(service, LOREM);
    await service.expectRefused(() => signInWith(service, service.ada, { challenge }));
  });

  test('can’t use an assertion of the account page, nor that page one of an app [T-PASSKEY-05]', async () => {
    const service = await given();
    const challenge = await challengeFor(service, FOO);
    const onAccountPage = service.ada.get({ challenge, origin: SSO });
    await service.expectRefused(() => passkeyLogin(service, onAccountPage));
    await service.expectRefused(() => logInOnAccountPage(service, onAccountPage));
    const own = (await askForOptions(service.app, 'authentication')).json().publicKey.challenge;
    await service.expectRefused(() =>
      passkeyLogin(service, service.ada.get({ challenge: own, origin: FOO })),
    );
  });

  test('that makes a passkey of its own, with ada’s user handle, gains nothing [T-PASSKEY-13]', async () => {
    const service = await given();
    const forged = softwareAuthenticator();
    const user = { id: service.ada.userHandle };
    forged.create({ challenge: await challengeFor(service), origin: FOO, user });
    await service.expectRefused(() => signInWith(service, forged));
  });

  test('in a frame of another origin is refused in both ceremonies [T-PASSKEY-04]', async () => {
    const service = await given();
    for (const clientData of [
      { crossOrigin: true },
      { crossOrigin: true, topOrigin: UNLISTED },
      { crossOrigin: false, topOrigin: UNLISTED },
      { crossOrigin: 'false' },
    ]) {
      await service.expectRefused(() => signInWith(service, service.ada, { clientData }));
      const { cookie, challenge, user } = await newRegistration(service);
      const credential = softwareAuthenticator().create({ challenge, origin: SSO, user, clientData });
      await service.expectRefused(() => sendPasskey(service.app, cookie, credential));
    }
  });
});

describe('a challenge', () => {
  test('is accepted once, one after the other and in parallel [T-PASSKEY-03]', async () => {
    const service = await given();
    const credential = service.ada.get({ challenge: await challengeFor(service), origin: FOO });
    const answers = await Promise.all(Array.from({ length: 10 }, () => passkeyLogin(service, credential)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    await service.expectRefused(() => passkeyLogin(service, credential));
  });

  test('is spent even if another person’s passkey signs it later [T-PASSKEY-03]', async () => {
    const service = await given();
    const challenge = await challengeFor(service);
    expect((await signInWith(service, service.ada, { challenge })).statusCode).toBe(200);
    await service.expectRefused(() => signInWith(service, service.grace, { challenge }));
  });

  test('is refused after 5 minutes, and also once it is forgotten [T-PASSKEY-02]', async () => {
    const service = await given();
    const challenge = await challengeFor(service);
    const credential = service.ada.get({ challenge, origin: FOO });
    expect((await passkeyLogin(service, credential)).statusCode).toBe(200);
    for (const minutes of [5, 6, 60]) {
      service.clock.now += minutes * 60_000;
      const times = { now: service.clock.now, failuresSince: 0, auditSince: 0 };
      await service.stores.purgeExpired(times);
      await service.expectRefused(() => passkeyLogin(service, credential));
    }
  });

  test.each(['', 'AAAA', 'A'.repeat(74), 'Y2hhbGxlbmdl', 'not base64url!', '\0'])(
    'that the service didn’t issue is refused: %j [T-PASSKEY-02]',
    async (challenge) => {
      const service = await given();
      await service.expectRefused(() => signInWith(service, service.ada, { challenge }));
    },
  );

  test('for adding a passkey doesn’t sign in, and the other way round [T-PASSKEY-05]', async () => {
    const service = await given();
    const { cookie, challenge, user } = await newRegistration(service);
    await service.expectRefused(() => signInWith(service, service.ada, { challenge }));
    await service.expectRefused(() =>
      logInOnAccountPage(service, service.ada.get({ challenge, origin: SSO })),
    );
    for (const other of [
      await challengeFor(service),
      (await askForOptions(service.app, 'authentication')).json().publicKey.challenge,
    ]) {
      const credential = softwareAuthenticator().create({ challenge: other, origin: SSO, user });
      await service.expectRefused(() => sendPasskey(service.app, cookie, credential));
    }
    const type = 'webauthn.get';
    const swapped = softwareAuthenticator().create({ challenge, origin: SSO, user, clientData: { type } });
    await service.expectRefused(() => sendPasskey(service.app, cookie, swapped));
    const created = { type: 'webauthn.create' };
    await service.expectRefused(() => signInWith(service, service.ada, { clientData: created }));
  });

  test('of one session adds no passkey in another [T-PASSKEY-12]', async () => {
    const service = await given();
    const { challenge, user } = await newRegistration(service);
    const { cookie } = await newRegistration(service);
    const credential = softwareAuthenticator().create({ challenge, origin: SSO, user });
    await service.expectRefused(() => sendPasskey(service.app, cookie, credential));
  });

  test('adds one passkey, in sequence and in parallel [T-PASSKEY-03]', async () => {
    const service = await given();
    const { cookie, challenge, user } = await newRegistration(service);
    const add = () =>
      sendPasskey(service.app, cookie, softwareAuthenticator().create({ challenge, origin: SSO, user }));
    const answers = await Promise.all(Array.from({ length: 5 }, add));
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(1);
    await service.expectRefused(add);
  });
});

describe('an assertion is refused', () => {
  const attempts: [string, (service: Given) => SignInChanges][] = [
    ['without user verification [T-PASSKEY-06]', () => ({ flags: FLAGS.UP })],
    ['without user presence [T-PASSKEY-06]', () => ({ flags: FLAGS.UV })],
    ['for the RP ID of a sibling [T-PASSKEY-07]', () => ({ rpId: 'foo.app.example.localhost' })],
    ['for the RP ID of the parent [T-PASSKEY-07]', () => ({ rpId: 'localhost' })],
    ['for the SSO service’s own host [T-PASSKEY-07]', () => ({ rpId: 'sso.example.localhost' })],
    ['with another account’s user handle [T-PASSKEY-10]', ({ grace }) => ({ userHandle: grace.userHandle })],
    [
      'with an account id as user handle [T-PASSKEY-10]',
      () => ({ userHandle: btoa(GRACE.id).replace(/=/g, '') }),
    ],
    ['without a user handle [T-PASSKEY-10]', () => ({ userHandle: null })],
    ['with an empty user handle [T-PASSKEY-10]', () => ({ userHandle: '' })],
  ];

  test.each(attempts)('%s', async (_title, changesFor) => {
    const service = await given();
    await service.expectRefused(() => signInWith(service, service.ada, changesFor(service)));
  });

  test('with another account’s credential id [T-PASSKEY-10]', async () => {
    const service = await given();
    const { ada, grace } = service;
    for (const userHandle of [ada.userHandle, grace.userHandle]) {
      const challenge = await challengeFor(service);
      const credential = { ...grace.get({ challenge, origin: FOO, userHandle }), id: ada.id, rawId: ada.id };
      await service.expectRefused(() => passkeyLogin(service, credential));
    }
  });

  test('whose two ids differ [T-PASSKEY-10]', async () => {
    const service = await given();
    const challenge = await challengeFor(service);
    const credential = { ...service.ada.get({ challenge, origin: FOO }), rawId: service.grace.id };
    await service.expectRefused(() => passkeyLogin(service, credential));
  });
});

describe('a registration is refused', () => {
  const refused = async (
    change: (authenticator: SoftwareAuthenticator, given: Creation) => object,
    code?: string,
  ) => {
    const service = await given();
    const { cookie, ...creation } = await newRegistration(service);
    const credential = change(softwareAuthenticator(), creation);
    await service.expectRefused(() => sendPasskey(service.app, cookie, credential), code);
  };

  test('of a page of an app [T-PASSKEY-13]', () =>
    refused((authenticator, creation) => authenticator.create({ ...creation, origin: FOO })));

  test('without user verification [T-PASSKEY-06]', () =>
    refused((authenticator, creation) =>
      authenticator.create({ ...creation, origin: SSO, flags: FLAGS.UP }),
    ));

  test('for the RP ID of a sibling [T-PASSKEY-07]', () =>
    refused((authenticator, creation) =>
      authenticator.create({ ...creation, origin: SSO, rpId: 'sso.example.localhost' }),
    ));

  test('with CBOR that nests a thousand times [T-PASSKEY-08]', () =>
    refused((authenticator, creation) => {
      const credential = authenticator.create({ ...creation, origin: SSO });
      const attestationObject = Buffer.alloc(1500, 0x81).toString('base64url');
      return { ...credential, response: { ...credential.response, attestationObject } };
    }));

  test('with an oversized attestation object [T-PASSKEY-08]', () =>
    refused((authenticator, creation) => {
      const credential = authenticator.create({ ...creation, origin: SSO });
      const response = { ...credential.response, attestationObject: 'A'.repeat(4096) };
      return { ...credential, response };
    }, 'too-large'));
});

type Creation = { challenge: string; user: { id: string } };

/** A session of grace that may add a passkey, and what the authenticator gets for it. */
async function newRegistration(service: Given): Promise<Creation & { cookie: string }> {
  const cookie = cookieOf(await signInWith(service, service.grace));
  const { challenge, user } = (await creationOptions(service.app, cookie)).publicKey;
  return { cookie, challenge, user };
}

function logInOnAccountPage({ app }: Given, credential: object) {
  return send(app, { method: 'POST', url: ACCOUNT_PATHS.login, body: { credential } });
}
