/**
 * The attacker has a genuine token for foo and a client assertion that foo's server has used or issued. They
 * want to authenticate as foo's server: by a replay, another authentication method, or another encoding of
 * the request.
 */
import { gzipSync } from 'node:zlib';
import { APP_PATHS, CLIENT_ASSERTION_TYPE, SSO_PATHS } from '@samesite-sso/protocol';
import { describe, expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { FORM, type HttpRequest, postForm, send } from '../support/http.ts';
import { type Site, sharedSite } from '../support/site.ts';
import { keyOf, secondsOf, signedBy, unpublishedKey } from './create-jws.ts';
import {
  type Attempt,
  ask,
  expectInvalidClient,
  prepareAssertionForgery,
} from './expect-assertion-refused.ts';
import { assertionClaims, assertionOf, formOf, introspect } from './introspect.ts';

const shared = sharedSite();
const { newToken, expectRefused } = prepareAssertionForgery(shared);

const path = SSO_PATHS.introspection;
const assertion = (at: Site) => assertionOf(at, at.foo);
const raw = ({ sso }: Site, attempt: HttpRequest) =>
  send(sso, { method: 'POST', path, headers: FORM, ...attempt });
const textOf = (form: Record<string, string>) => new URLSearchParams(form).toString();
const basic = (at: Site) => `Basic ${Buffer.from(`${at.foo.origin}:secret`).toString('base64')}`;

const otherWays: [how: string, ask: Attempt][] = [
  ['the token alone', (token, at) => ask(at, { token })],
  ['a client_id', (token, at) => ask(at, { token, client_id: at.foo.origin })],
  [
    'a name and a secret',
    (token, at) => ask(at, { token, client_id: at.foo.origin, client_secret: 'secret' }),
  ],
  [
    'HTTP Basic',
    (token, at) => raw(at, { headers: { ...FORM, authorization: basic(at) }, body: textOf({ token }) }),
  ],
  [
    'the assertion as a bearer token',
    (token, at) =>
      raw(at, { headers: { ...FORM, authorization: `Bearer ${assertion(at)}` }, body: textOf({ token }) }),
  ],
  [
    'the assertion in the query',
    (token, at) => raw(at, { path: `${path}?${textOf(formOf(token, assertion(at)))}` }),
  ],
  ['the assertion without its type', (token, at) => ask(at, { token, client_assertion: assertion(at) })],
  [
    'the assertion as SAML',
    (token, at) =>
      ask(at, {
        ...formOf(token, assertion(at)),
        client_assertion_type: CLIENT_ASSERTION_TYPE.replace('jwt', 'saml2'),
      }),
  ],
  [
    'two valid assertions',
    (token, at) => ask(at, `${textOf(formOf(token, assertion(at)))}&client_assertion=${assertion(at)}`),
  ],
  [
    'the type twice',
    (token, at) => {
      const type = encodeURIComponent(CLIENT_ASSERTION_TYPE);
      return ask(at, `${textOf(formOf(token, assertion(at)))}&client_assertion_type=${type}`);
    },
  ],
  [
    'an assertion in a list',
    (token, at) =>
      ask(at, textOf(formOf(token, assertion(at))).replace('client_assertion=', 'client_assertion[]=')),
  ],
  [
    "another app's client_id",
    (token, at) => ask(at, { ...formOf(token, assertion(at)), client_id: at.lorem.origin }),
  ],
  ['an empty client_id', (token, at) => ask(at, { ...formOf(token, assertion(at)), client_id: '' })],
  [
    'two client_ids',
    (token, at) => {
      const id = encodeURIComponent(at.foo.origin);
      return ask(at, `${textOf(formOf(token, assertion(at)))}&client_id=${id}&client_id=${id}`);
    },
  ],
  ...[
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded2',
  ].map((type): [string, Attempt] => [
    `a good form as ${JSON.stringify(type)}`,
    (token, at) => raw(at, { headers: { 'content-type': type }, body: textOf(formOf(token, assertion(at))) }),
  ]),
  [
    'JSON',
    (token, at) =>
      raw(at, {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(formOf(token, assertion(at))),
      }),
  ],
  [
    'a compressed form',
    (token, at) =>
      raw(at, {
        headers: { ...FORM, 'content-encoding': 'gzip' },
        body: gzipSync(textOf(formOf(token, assertion(at)))),
      }),
  ],
];

test.each(otherWays)(
  'an app authenticates with one assertion in one form, not with %s [T-CLIENT-05]',
  (_how, attempt) => expectRefused(attempt),
);

const escaped = (letter: string) => `\\u00${letter.charCodeAt(0).toString(16)}`;

describe('a used client assertion', () => {
  test('is refused for the same token and another until it expires [T-CLIENT-01]', async () => {
    const at = shared();
    const [one, other] = [await newToken(), await newToken()];
    const client_assertion = assertionOf(at, at.foo, { exp: secondsOf(at) + 60 });
    expect((await ask(at, formOf(one, client_assertion))).body).toMatchObject({ active: true });
    const before = await at.state();
    const started = at.clock.now;
    for (const seconds of [0, 29, 59, 60, 64, 65]) {
      at.clock.now = started + seconds * 1000;
      for (const token of [one, other])
        expectInvalidClient(await ask(at, formOf(token, client_assertion)), `${seconds} s later`);
    }
    at.clock.now = started;
    expect(await at.state()).toEqual(before);
    expect((await introspect(at, other)).body).toMatchObject({ active: true });
  });

  test('is refused with another signature, header, or encoding: its jti was used [T-CLIENT-01]', async () => {
    const at = shared();
    const token = await newToken();
    const claims = assertionClaims(at, at.foo);
    const key = keyOf(at.foo);
    expect((await ask(at, formOf('junk', signedBy(key, {}, claims)))).status).toBe(200);
    const before = await at.state();
    const others = [
      signedBy(key, { typ: 'JWT' }, claims),
      `${signedBy(key, {}, claims)}==`,
      signedBy(key, {}, { ...claims, exp: secondsOf(at) + 60, more: 1 }),
      signedBy(
        key,
        {},
        JSON.stringify(claims).replace(/"jti":"(.)/, (_all, first) => `"jti":"${escaped(first)}`),
      ),
    ];
    for (const other of others) expectInvalidClient(await ask(at, formOf(token, other)));
    expect(await at.state()).toEqual(before);
    expect((await introspect(at, token)).body).toMatchObject({ active: true });
  });

  test('is accepted for one of forty parallel requests [T-CLIENT-01]', async () => {
    const at = shared();
    const client_assertion = assertionOf(at, at.foo);
    const tokens = await Promise.all(Array.from({ length: 40 }, () => newToken()));
    const before = await at.state();
    const answers = await Promise.all(tokens.map((token) => ask(at, formOf(token, client_assertion))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(39).fill(401)]);
    expect(answers.filter(({ text }) => text.includes('"active":true'))).toHaveLength(1);
    expect((await at.state())['sso.client_assertion']).toHaveLength(
      (before['sso.client_assertion'] ?? []).length + 1,
    );
  });

  test('doesn’t block another app’s equal jti, nor does an unverified assertion [T-CLIENT-02]', async () => {
    const at = shared();
    const jti = 'one that foo will use';
    expect((await ask(at, formOf('junk', assertionOf(at, at.lorem, { jti })))).status).toBe(200);
    const forged = signedBy(unpublishedKey('any'), {}, assertionClaims(at, at.foo, { jti }));
    const before = await at.state();
    expectInvalidClient(await ask(at, formOf('junk', forged)));
    expect(await at.state()).toEqual(before);
    const token = await newToken();
    const answer = await ask(at, formOf(token, assertionOf(at, at.foo, { jti })));
    expect(answer.body).toMatchObject({ active: true });
  });

  test('with an iat in the future is valid no longer than its exp [T-CLIENT-03]', async () => {
    const at = shared();
    const [before, started] = [await at.state(), at.clock.now];
    const client_assertion = assertionOf(at, at.foo, { iat: secondsOf(at) + 3600 });
    at.clock.now += 3600_000;
    expectInvalidClient(await ask(at, formOf('junk', client_assertion)));
    at.clock.now = started;
    expect(await at.state()).toEqual(before);
  });
});

test('only the endpoints for servers accept foo’s client assertion [T-CLIENT-06]', async () => {
  const at = shared();
  const before = await at.state();
  const stolen = assertion(at);
  const thief = new Browser(at);
  expect((await thief.redeem(at.foo, stolen)).status).toBe(401);
  expect((await postForm(at.foo, APP_PATHS.backchannelLogout, { logout_token: stolen })).status).toBe(400);
  expect(
    (await send(at.sso, { path: '/account', headers: { authorization: `Bearer ${stolen}` } })).status,
  ).not.toBe(200);
  expect(await at.state()).toEqual(before);
});
