import { randomBytes } from 'node:crypto';
import { decodeJwt } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sharedHasher } from '../../../../test/support/shared-hasher.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import {
  addPasskey,
  challengeFor,
  passkeyLogin,
  signInWith,
} from '../../../../test/support/sso/passkey-requests.ts';
import {
  ADA,
  cookieOf,
  FOO,
  LOREM,
  OPERATOR,
  testService,
} from '../../../../test/support/sso/test-service.ts';
import { FLAGS, softwareAuthenticator } from '../../../../test/support/webauthn/software-authenticator.ts';
import { createSsoService } from '../app.ts';

async function withPasskey(authenticator = softwareAuthenticator()) {
  const service = await testService();
  const cookie = await service.logIn();
  await addPasskey(service.app, cookie, authenticator);
  const auditOf = async (kind: 'login failed' | 'passkey refused') =>
    (await allRows(service.stores.audit.pages({ kind, limit: 100 }))).map(({ detail }) => detail);
  return { ...service, cookie, authenticator, auditOf };
}

test('the challenge comes with the options for a passkey of any account, and is never cached', async () => {
  const { post } = await testService();
  const answer = await post({ request: 'passkey challenge' });
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.json()).toEqual({
    publicKey: {
      challenge: expect.stringMatching(/^[\w-]{74}$/),
      rpId: 'example.localhost',
      timeout: 300_000,
      userVerification: 'required',
      allowCredentials: [],
    },
  });
});

describe('a sign-in with a passkey', () => {
  test('starts a session at every app, with two factors', async () => {
    const service = await withPasskey();
    for (const origin of [FOO, LOREM]) {
      const challenge = await challengeFor(service, origin);
      const credential = service.authenticator.get({ challenge, origin });
      const answer = await passkeyLogin(service, credential, { origin });
      expect(answer.json()).toEqual({ status: 'signed in', account: ADA });
      const cookie = cookieOf(answer);
      expect(cookie).not.toBe('');
      const { token } = (await service.post({ request: 'authentication token' }, { cookie, origin })).json();
      const session = await service.stores.sessions.findBySid(String(decodeJwt(token)['sid']));
      expect(session).toMatchObject({ amr: ['pop', 'user', 'mfa'], authenticatedAt: service.clock.now });
    }
  });

  test('by the account of the active session renews it under a new cookie', async () => {
    const service = await withPasskey();
    const { sessions } = service.stores;
    const [before] = await allRows(sessions.pages(ADA.id));
    service.clock.now += 1000;
    const { cookie } = service;
    const answer = await signInWith(service, service.authenticator, {}, { cookie });
    expect(cookieOf(answer)).not.toBe(cookie);
    expect(await allRows(sessions.pages(ADA.id))).toEqual([
      expect.objectContaining({ sid: before?.sid, amr: ['pop', 'user', 'mfa'] }),
    ]);
  });

  test('ignores members that it doesn’t need, and those that browsers add', async () => {
    const service = await withPasskey();
    const challenge = await challengeFor(service);
    const credential = {
      ...service.authenticator.get({ challenge, origin: FOO, clientData: { futureMember: 1 } }),
      authenticatorAttachment: 'platform',
      clientExtensionResults: { credProps: { rk: true } },
    };
    expect((await passkeyLogin(service, credential)).statusCode).toBe(200);
  });
});

describe('a passkey that may have been copied is refused, and its account has a record of it', () => {
  test('a counter that doesn’t rise [T-PASSKEY-11]', async () => {
    const service = await withPasskey();
    const { authenticator, auditOf } = service;
    expect((await signInWith(service, authenticator, { counter: 5 })).statusCode).toBe(200);
    for (const counter of [5, 4, 0]) {
      const answer = await signInWith(service, authenticator, { counter });
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid-passkey']);
    }
    expect(await auditOf('passkey refused')).toEqual([
      "My phone: its counter, 5, isn't above the last one",
      "My phone: its counter, 4, isn't above the last one",
      "My phone: its counter, 0, isn't above the last one",
    ]);
    expect(await auditOf('login failed')).toEqual(
      Array(3).fill('with a passkey: the counter of the passkey did not rise'),
    );
    expect((await signInWith(service, authenticator, { counter: 6 })).statusCode).toBe(200);
  });

  test('a backup eligibility that has changed [T-PASSKEY-11]', async () => {
    const service = await withPasskey();
    const { authenticator, auditOf } = service;
    const flags = FLAGS.UP | FLAGS.UV | FLAGS.BE;
    expect((await signInWith(service, authenticator, { flags })).json().code).toBe('invalid-passkey');
    expect(await auditOf('passkey refused')).toEqual(['My phone: its backup eligibility has changed']);
  });

  test('a wrong signature makes no passkey look copied [T-PASSKEY-11]', async () => {
    const service = await withPasskey();
    const { authenticator, auditOf } = service;
    await signInWith(service, authenticator, { counter: 5 });
    const challenge = await challengeFor(service);
    const credential = authenticator.get({ challenge, origin: FOO, counter: 4 });
    const response = { ...credential.response, signature: Buffer.alloc(64).toString('base64url') };
    expect((await passkeyLogin(service, { ...credential, response })).statusCode).toBe(401);
    expect(await auditOf('passkey refused')).toEqual([]);
    expect(await auditOf('login failed')).toEqual(['with a passkey: the signature is wrong']);
  });
});

describe('failures', () => {
  test('with one passkey are limited, and don’t stop others from that address [T-PASSKEY-15]', async () => {
    const service = await withPasskey();
    const { authenticator, app, cookie } = service;
    const again = cookieOf(await signInWith(service, authenticator, {}, { cookie }));
    const second = await addPasskey(app, again);
    const codes: string[] = [];
    for (let count = 0; count < 12; count += 1) {
      codes.push((await signInWith(service, authenticator, { flags: FLAGS.UP })).json().code);
    }
    expect(codes).toEqual([...Array(10).fill('invalid-passkey'), ...Array(2).fill('too-many-attempts')]);
    const throttled = await signInWith(service, authenticator);
    expect(throttled.json()).toMatchObject({ code: 'too-many-attempts', retryAfterSeconds: 900 });
    expect((await signInWith(service, second)).statusCode).toBe(200);
    expect((await signInWith(service, authenticator, {}, { ip: '192.0.2.2' })).statusCode).toBe(200);
  });

  test('with an expired or forged challenge don’t count, and write nothing [T-PASSKEY-15]', async () => {
    const service = await withPasskey();
    const challenge = await challengeFor(service);
    service.clock.now += 300_000;
    for (let count = 0; count < 20; count += 1) {
      const credential = service.authenticator.get({ challenge, origin: FOO });
      expect((await passkeyLogin(service, credential)).json().code).toBe('invalid-passkey');
    }
    expect(await service.auditOf('login failed')).toEqual([]);
  });

  test.each([
    ['without a counter', 0],
    ['with a counter', 7],
  ])(
    'by replays %s count, each with one record: no passkey looks copied [T-PASSKEY-15]',
    async (_, counter) => {
      const service = await withPasskey();
      const { authenticator, auditOf } = service;
      const challenge = await challengeFor(service);
      const credential = authenticator.get({ challenge, origin: FOO, counter });
      expect((await passkeyLogin(service, credential)).statusCode).toBe(200);
      const codes: string[] = [];
      for (let count = 0; count < 12; count += 1) {
        codes.push((await passkeyLogin(service, credential)).json().code);
      }
      expect(codes).toEqual([...Array(10).fill('invalid-passkey'), ...Array(2).fill('too-many-attempts')]);
      expect(await auditOf('login failed')).toEqual(
        Array(10).fill('with a passkey: the challenge has been used'),
      );
      expect(await auditOf('passkey refused')).toEqual([]);
    },
  );

  test('by client data that nobody can store are refusals like any other [T-PASSKEY-08]', async () => {
    const service = await withPasskey();
    const challenge = await challengeFor(service);
    const clientData = { tokenBinding: { status: 'x\0\ud83d' } };
    const credential = service.authenticator.get({ challenge, origin: FOO, clientData });
    const answer = await passkeyLogin(service, credential);
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'invalid-passkey']);
    expect(await service.auditOf('login failed')).toEqual(['with a passkey: malformed']);
  });

  test('say that a passkey is unknown only if no account has it', async () => {
    const service = await withPasskey();
    const stranger = softwareAuthenticator();
    const unknown = await signInWith(service, stranger);
    expect(unknown.statusCode).toBe(401);
    expect(unknown.json()).toMatchObject({ code: 'invalid-passkey', unknown: true });
    expect((await signInWith(service, service.authenticator, { flags: FLAGS.UP })).json()).not.toHaveProperty(
      'unknown',
    );
    const challenge = await challengeFor(service, LOREM);
    const relayed = await passkeyLogin(service, stranger.get({ challenge, origin: FOO }));
    expect(relayed.json()).not.toHaveProperty('unknown');
    // The last character has bits that are in no byte, so browsers read the same id, which has a passkey.
    const own = service.authenticator.get({ challenge: await challengeFor(service), origin: FOO });
    const id = own.id.slice(0, -1) + String.fromCharCode(own.id.charCodeAt(own.id.length - 1) + 1);
    expect(Buffer.from(id, 'base64url')).toEqual(Buffer.from(own.id, 'base64url'));
    const respelled = await passkeyLogin(service, { ...own, id, rawId: id });
    expect(respelled.json()).toMatchObject({ code: 'invalid-passkey' });
    expect(respelled.json()).not.toHaveProperty('unknown');
  });
});

test('a disabled account’s passkey is refused like a wrong one', async () => {
  const service = await withPasskey();
  await service.stores.accounts.disable(ADA.id, OPERATOR);
  const disabled = await signInWith(service, service.authenticator);
  await service.stores.accounts.enable(ADA.id, OPERATOR);
  const wrong = await signInWith(service, service.authenticator, { flags: FLAGS.UP });
  expect([disabled.statusCode, disabled.body]).toEqual([wrong.statusCode, wrong.body]);
  expect(wrong.statusCode).toBe(401);
  expect((await service.auditOf('login failed'))[0]).toBe('with a passkey: the account is disabled');
});

test('a challenge is valid after a restart, once', async () => {
  const service = await withPasskey();
  const challenge = await challengeFor(service);
  const credential = service.authenticator.get({ challenge, origin: FOO });
  const restarted = await createSsoService(service.config, () => service.clock.now, await sharedHasher());
  onTestFinished(() => restarted.close());
  const payload = { request: 'passkey login', credential };
  const ask = () => restarted.inject({ method: 'POST', url: '/', headers: { origin: FOO }, payload });
  expect((await ask()).statusCode).toBe(200);
  expect((await ask()).json().code).toBe('invalid-passkey');
  expect((await passkeyLogin(service, credential)).json().code).toBe('invalid-passkey');
});

test.each([
  ['no credential', undefined],
  ['a text', 'credential'],
  ['no response', { id: 'AA', rawId: 'AA', type: 'public-key' }],
  ['an id that isn’t base64url', { id: 'A/A', rawId: 'A/A', type: 'public-key' }],
  ['another type', { type: 'password' }],
  ['too long client data', { response: { clientDataJSON: 'A'.repeat(2049) } }],
  ['a signature that isn’t a string', { response: { signature: 7 } }],
])('a passkey login with %s is an invalid request', async (_title, change) => {
  const service = await testService();
  const valid = softwareAuthenticator().get({ challenge: randomBytes(16).toString('hex'), origin: FOO });
  const response = { ...valid.response, ...(change as { response?: object } | undefined)?.response };
  const merged = { ...valid, ...(change as object), ...(typeof change === 'object' && { response }) };
  const isWhole = change === undefined || typeof change === 'string' || 'rawId' in change;
  const answer = await passkeyLogin(service, (isWhole ? change : merged) as object);
  expect(answer.statusCode).toBe(400);
  expect(answer.json().code).toBe('invalid-request');
});
