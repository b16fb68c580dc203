import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { addGrace } from '../../../../test/support/sso/account-requests.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { ASSERTION_TYPE, withApps } from '../../../../test/support/sso/app-servers.ts';
import {
  ADA,
  FOO,
  LOREM,
  PASSWORD,
  SSO,
  type TestService,
} from '../../../../test/support/sso/test-service.ts';
import { startTestApp } from '../../../../test/support/test-app.ts';
import { createSsoService } from '../app.ts';

async function issueToken(
  { post, logIn }: TestService,
  origin = FOO,
): Promise<{ token: string; cookie: string }> {
  const cookie = await logIn();
  const answer = await post({ request: 'authentication token' }, { cookie, origin });
  return { token: answer.json().token, cookie };
}

describe('a good token', () => {
  test('is active once, with the claims and the account', async () => {
    const service = await withApps();
    const { token } = await issueToken(service);
    const first = await service.introspect(token);
    expect(first.statusCode).toBe(200);
    expect(first.headers['cache-control']).toBe('no-store');
    expect(first.json()).toEqual({
      active: true,
      iss: SSO,
      aud: FOO,
      sub: ADA.id,
      sid: expect.any(String),
      jti: expect.any(String),
      iat: service.now(),
      exp: service.now() + 30,
      username: 'ada',
      name: 'Ada Lovelace',
      session_exp: service.now() + 43_200,
      groups: [],
      auth_time: service.now(),
      amr: ['pwd'],
    });
    expect((await service.introspect(token)).json()).toEqual({ active: false });
  });

  test('is active for exactly one of many parallel requests', async () => {
    const service = await withApps();
    const { token } = await issueToken(service);
    const answers = await Promise.all(Array.from({ length: 30 }, () => service.introspect(token)));
    expect(answers.filter((answer) => answer.json().active)).toHaveLength(1);
  });

  test('remains valid for its own app when another app introspects it', async () => {
    const service = await withApps();
    const { token } = await issueToken(service, LOREM);
    expect((await service.introspect(token, FOO)).json()).toEqual({ active: false });
    expect((await service.introspect(token, LOREM)).json()).toMatchObject({ active: true, aud: LOREM });
  });

  test('remains valid after a restart, since the signing key does too', async () => {
    const service = await withApps();
    const { token } = await issueToken(service);
    const keysBefore = (await service.app.inject('/.well-known/jwks.json')).body;
    await service.app.close();
    const restarted = await createSsoService(service.config, () => service.clock.now);
    expect((await restarted.inject('/.well-known/jwks.json')).body).toBe(keysBefore);
    expect((await service.introspect(token, FOO, restarted)).json()).toMatchObject({ active: true });
    await restarted.close();
  });
});

describe('the response for a token is just {active: false}', () => {
  test('from the second in which the token expires', async () => {
    const service = await withApps();
    const { token } = await issueToken(service);
    service.clock.now += 30_000;
    expect((await service.introspect(token)).json()).toEqual({ active: false });
  });

  test('when the token’s SSO session has ended', async () => {
    const service = await withApps();
    const { token, cookie } = await issueToken(service);
    await service.post({ request: 'logout' }, { cookie });
    expect((await service.introspect(token)).json()).toEqual({ active: false });
  });

  test('when a login to another account has replaced the token’s SSO session', async () => {
    const service = await withApps();
    await addGrace(service.stores);
    const { token, cookie } = await issueToken(service);
    const grace = { request: 'login', username: 'grace', password: PASSWORD };
    expect((await service.post(grace, { cookie })).statusCode).toBe(200);
    expect((await service.introspect(token)).json()).toEqual({ active: false });
  });

  test('when the token is forged, changed, or junk', async () => {
    const service = await withApps();
    const { token } = await issueToken(service);
    const [header, claims, signature = ''] = token.split('.');
    const others = [
      `${token}=`,
      `${header}.${claims}.`,
      `${header}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
      'junk',
    ];
    for (const other of others) expect((await service.introspect(other)).json()).toEqual({ active: false });
    expect((await service.introspect(token)).json()).toMatchObject({ active: true });
  });
});

describe('invalid client authentication gets invalid_client and keeps the token valid:', () => {
  test.each<[string, Record<string, unknown>]>([
    ['another audience', { aud: LOREM }],
    ['two audiences', { aud: [SSO, LOREM] }],
    ['no expiry', { exp: undefined }],
    ['an expiry too far ahead', { exp: Date.parse('2026-11-22T12:00:00Z') / 1000 + 66 }],
    ['an expiry in the past', { exp: Date.parse('2026-11-22T12:00:00Z') / 1000 - 6 }],
    ['no jti', { jti: undefined }],
    ['a jti that isn’t a string', { jti: 5 }],
    ['another subject', { sub: LOREM }],
    ['another issuer', { iss: LOREM }],
    ['an unknown app', { iss: 'http://evil.example.localhost', sub: 'http://evil.example.localhost' }],
    ['a validity that has not begun', { nbf: Date.parse('2026-11-22T12:00:00Z') / 1000 + 10 }],
  ])('%s', async (_name, claims) => {
    const service = await withApps();
    const { token } = await issueToken(service);
    const answer = await service.postToken({
      token,
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await service.assertion(FOO, claims),
    });
    expect([answer.statusCode, answer.body]).toEqual([401, '{"error":"invalid_client"}']);
    expect((await service.introspect(token)).json()).toMatchObject({ active: true });
  });

  test('another key, another algorithm, none, or another kind of authentication', async () => {
    const service = await withApps();
    const { token } = await issueToken(service);
    const good = await service.assertion(FOO);
    const unsigned = [Buffer.from('{"alg":"none"}').toString('base64url'), good.split('.')[1], ''].join('.');
    const shared = await new SignJWT({ iss: FOO, sub: FOO, aud: SSO, jti: 'x', exp: service.now() + 30 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new Uint8Array(32));
    // The same key id, another key.
    const impostor = await startTestApp({ origin: FOO, clock: () => service.clock.now });
    const foreign = await service.assertion(FOO, {}, impostor);
    for (const client_assertion of [unsigned, shared, foreign, 'junk', '']) {
      const answer = await service.postToken({
        token,
        client_assertion_type: ASSERTION_TYPE,
        client_assertion,
      });
      expect([answer.statusCode, answer.body]).toEqual([401, '{"error":"invalid_client"}']);
    }
    for (const form of [
      { token },
      { token, client_assertion: good },
      { token, client_id: FOO, client_secret: 'x' },
    ]) {
      expect((await service.postToken(form)).statusCode).toBe(401);
    }
    expect((await service.introspect(token)).json()).toMatchObject({ active: true });
  });

  test('an algorithm that the metadata doesn’t name, though the app publishes a key for it', async () => {
    const rsa = await startTestApp({ origin: FOO, algorithm: 'RS256', clock: () => service.clock.now });
    const service = await withApps({ apps: [{ origin: FOO, name: 'Foo', server: rsa.server }] });
    const client_assertion = await service.assertion(FOO, {}, rsa);
    const answer = await service.postToken({
      token: 'junk',
      client_assertion_type: ASSERTION_TYPE,
      client_assertion,
    });
    expect(answer.statusCode).toBe(401);
  });

  test('an assertion that was used before, in parallel or before a restart', async () => {
    const service = await withApps();
    const client_assertion = await service.assertion(FOO);
    const form = { token: 'junk', client_assertion_type: ASSERTION_TYPE, client_assertion };
    const answers = await Promise.all(Array.from({ length: 10 }, () => service.postToken(form)));
    expect(answers.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    await service.app.close();
    const restarted = await createSsoService(service.config, () => service.clock.now);
    expect((await service.postToken(form, restarted)).statusCode).toBe(401);
    await restarted.close();
  });

  test('an app whose keys can’t be fetched', async () => {
    const apps = [{ origin: FOO, name: 'Foo', server: 'http://127.0.0.1:1' }];
    const service = await withApps({ apps });
    expect((await service.introspect('junk')).statusCode).toBe(401);
  });
});

test('clocks may differ by five seconds', async () => {
  const service = await withApps();
  const form = { token: 'junk', client_assertion_type: ASSERTION_TYPE };
  const late = await service.postToken({
    ...form,
    client_assertion: await service.assertion(FOO, { exp: service.now() - 4 }),
  });
  const early = await service.postToken({
    ...form,
    client_assertion: await service.assertion(FOO, { exp: service.now() + 64 }),
  });
  expect([late.statusCode, early.statusCode]).toEqual([200, 200]);
});

test('the reason why a token is inactive is in the audit trail, and in no response', async () => {
  const service = await withApps();
  const { token } = await issueToken(service);
  const answers = [
    await service.introspect(token, LOREM),
    await service.introspect(token),
    await service.introspect(token),
    await service.introspect('no token at all'),
  ];
  const inactive = { active: false };
  expect(answers.map((answer) => answer.json())).toEqual([
    inactive,
    expect.objectContaining({ active: true }),
    inactive,
    inactive,
  ]);
  const records = (await allRows(service.stores.audit.pages({ limit: 100 }))).slice(-4);
  expect(
    records.map(({ kind, actor, app, username, detail }) => [kind, actor, app, username, detail]),
  ).toEqual([
    ['token refused', LOREM, LOREM, 'ada', 'issued to another app'],
    ['token redeemed', FOO, FOO, 'ada', null],
    ['token refused', FOO, FOO, 'ada', 'already redeemed'],
    ['token refused', FOO, FOO, null, 'unknown token or ended session'],
  ]);
});

test('an introspection request without a token gets invalid_request', async () => {
  const service = await withApps();
  const client_assertion = await service.assertion(FOO);
  const answer = await service.postToken({ client_assertion_type: ASSERTION_TYPE, client_assertion });
  expect([answer.statusCode, answer.body]).toEqual([400, '{"error":"invalid_request"}']);
});

test('a body that isn’t form-encoded gets invalid_client', async () => {
  const { app } = await withApps();
  const answer = await app.inject({ method: 'POST', url: '/introspect', payload: { token: 'x' } });
  expect([answer.statusCode, answer.body]).toEqual([401, '{"error":"invalid_client"}']);
});

test('a fractional exp (RFC 7519, section 2) is accepted, and the jti remembered until then', async () => {
  const service = await withApps();
  const client_assertion = await service.assertion(FOO, { exp: service.now() + 1.5 });
  const form = { token: 'junk', client_assertion_type: ASSERTION_TYPE, client_assertion };
  expect((await service.postToken(form)).statusCode).toBe(200);
  service.clock.now += 6000;
  await service.stores.purgeExpired({ now: service.clock.now, failuresSince: 0, auditSince: 0 });
  expect((await service.postToken(form)).statusCode).toBe(401);
});

test('the metadata lists what an app’s server needs', async () => {
  const { app } = await withApps();
  expect((await app.inject('/.well-known/oauth-authorization-server')).json()).toEqual({
    issuer: SSO,
    introspection_endpoint: `${SSO}/introspect`,
    introspection_endpoint_auth_methods_supported: ['private_key_jwt'],
    introspection_endpoint_auth_signing_alg_values_supported: ['Ed25519', 'EdDSA', 'ES256'],
    jwks_uri: `${SSO}/.well-known/jwks.json`,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    authentication_token_signing_alg_values_supported: ['Ed25519'],
  });
});
