/**
 * The attacker sends bodies that a proxy or filter in front reads differently than we do: duplicate names,
 * names that pollute prototypes, invalid UTF-8, or another encoding than declared. Or bodies that break the
 * parser.
 */
import { gzipSync } from 'node:zlib';
import { APP_PATHS, CLIENT_ASSERTION_TYPE, SSO_PATHS } from '@samesite-sso/protocol';
import { describe, expect, test } from 'vitest';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { type Answer, send } from '../support/http.ts';
import { type Site, sharedSite } from '../support/site.ts';

const shared = sharedSite();

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

/** A body as bytes, or as text with escapes. */
type Body = string | Buffer;

const login = (username: string, password: string) =>
  `"request":"login","username":${JSON.stringify(username)},"password":${JSON.stringify(password)}`;
const ADAS = login(ADA.username, ADA.password);
const SOUND = '{"request":"login status"}';

const toSso = (at: Site, body: Body, headers: Record<string, string> = JSON_TYPE) =>
  send(at.sso, { method: 'POST', headers: { origin: at.foo.origin, ...headers }, body });
const toFoo = (at: Site, body: Body, headers: Record<string, string> = JSON_TYPE) =>
  send(at.foo, {
    method: 'POST',
    path: APP_PATHS.session,
    headers: { origin: at.foo.origin, ...headers },
    body,
  });

function expectRefused(answer: Answer, status: number, code: string, about?: string): void {
  expect(answer.body, about).toMatchObject({ status, code });
  expect(answer.status, about).toBe(status);
  expect(answer.headers['set-cookie'], about).toBeUndefined();
}

/** Both servers refuse every body and change nothing. A well-formed one is accepted. */
async function refusesAll(bodies: readonly Body[], status = 400, code = 'invalid-request'): Promise<void> {
  const at = shared();
  const before = await at.state();
  for (const body of bodies) {
    for (const to of [toSso, toFoo]) expectRefused(await to(at, body), status, code, body.toString());
  }
  expect(await at.state()).toEqual(before);
  expect((await toSso(at, SOUND)).status).toBe(200);
}

describe('a duplicate member name', () => {
  test.each([
    ['with the honest value first', `{${ADAS},"username":"grace"}`],
    ['with the honest value last', `{"username":"grace",${ADAS}}`],
    ['with the same value', `{${ADAS},"username":"ada"}`],
    ['once escaped', `{${ADAS},"usern\\u0061me":"grace"}`],
    ['both escaped in their own way', String.raw`{"\u0072equest":"logout","r\u0065quest":"login status"}`],
    ['as another request', `{${ADAS},"request":"logout"}`],
    ['far apart', `{"request":"logout"${','.padEnd(3000)}"request":"login status"}`],
    ['with line breaks before its colon', '{"request":"logout","request"\r\n\t :"login status"}'],
    ['in an unknown member', '{"request":{"a":1,"a":2}}'],
    ['at the app', '{"token":"a.b.c","token":"d.e.f"}'],
  ])('%s is refused [T-BODY-01]', async (_how, body) => {
    await refusesAll([body]);
  });

  test('is accepted inside a string value', async () => {
    const at = shared();
    const password = String.raw`","username":"grace","username":"\",\"username\":\"grace`;
    expectRefused(await toSso(at, `{${login('ada', password)}}`), 401, 'invalid-credentials');
  });

  test('is refused in a form, too [T-BODY-01]', async () => {
    const at = shared();
    const before = await at.state();
    const twice = (name: string) => `${name}=a.b.c&${name}=a.b.c`;
    const toEach = (body: string) =>
      [SSO_PATHS.introspection, SSO_PATHS.endSession].map((path) =>
        send(at.sso, { method: 'POST', path, headers: FORM_TYPE, body }),
      );
    const type = encodeURIComponent(CLIENT_ASSERTION_TYPE);
    for (const form of [
      `token=a&client_assertion_type=${type}&${twice('client_assertion')}`,
      `token=a&client_assertion=a&client_assertion_type=${type}&client_assertion_type=${type}`,
      `token=a&client_assertion_type=${type}&client_assertion=a&client%5fassertion=b`,
    ]) {
      for (const answer of await Promise.all(toEach(form))) {
        expect([answer.status, answer.body]).toEqual([401, { error: 'invalid_client' }]);
      }
    }
    for (const form of [twice('logout_token'), 'logout_token=a&logout%5Ftoken=b', 'logout_token[]=a']) {
      const answer = await send(at.foo, {
        method: 'POST',
        path: APP_PATHS.backchannelLogout,
        headers: FORM_TYPE,
        body: form,
      });
      expect([answer.status, answer.body]).toEqual([400, { error: 'invalid_request' }]);
    }
    expect(await at.state()).toEqual(before);
  });
});

test.each([
  ['__proto__', '"__proto__":{"isDisabled":false,"status":500}'],
  ['escaped __proto__', String.raw`"\u005f_proto_\u005F":{"polluted":1}`],
  ['__proto__ with null', '"__proto__":null'],
  ['deeply nested __proto__', '"a":[{"b":{"__proto__":{"polluted":1}}}]'],
  ['__proto__ in __proto__', '"__proto__":{"__proto__":{"polluted":1}}'],
  ['constructor.prototype', '"constructor":{"prototype":{"polluted":1}}'],
  ['escaped constructor.prototype', String.raw`"c\u006fnstructor":{"prototyp\u0065":{"polluted":1}}`],
  ['toString and valueOf', '"toString":"x","valueOf":null'],
  ['hasOwnProperty', '"hasOwnProperty":1'],
  ['then', '"then":{}'],
  ['length', '"length":4096'],
])('%s pollutes no prototype [T-BODY-03]', async (_how, members) => {
  await refusesAll([`{${ADAS},${members}}`, `{${members},"token":"a.b.c"}`, `{${members}}`]);
  const plain: Record<string, unknown> = {};
  expect([plain['polluted'], plain['isDisabled'], Object.keys(Object.prototype)]).toEqual([
    undefined,
    undefined,
    [],
  ]);
});

test('names in a form pollute no prototype [T-BODY-03]', async () => {
  const at = shared();
  const before = await at.state();
  for (const name of [
    '__proto__',
    '__proto__[polluted]',
    'constructor.prototype.polluted',
    'constructor[prototype][polluted]',
    'pop',
    'push',
    'hasOwnProperty',
  ]) {
    const body = `${name}=1&${name}=1&token=a&client_assertion=a&client_assertion_type=b&logout_token=a`;
    const [answer, answerOfFoo] = await Promise.all([
      send(at.sso, { method: 'POST', path: SSO_PATHS.introspection, headers: FORM_TYPE, body }),
      send(at.foo, { method: 'POST', path: APP_PATHS.backchannelLogout, headers: FORM_TYPE, body }),
    ]);
    expect([answer.status, answerOfFoo.status], name).toEqual([401, 400]);
  }
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect(await at.state()).toEqual(before);
});

describe('bytes', () => {
  const around = (bytes: Buffer) =>
    Buffer.concat([Buffer.from('{"request":"login","username":"'), bytes, Buffer.from('","password":"x"}')]);

  test.each([
    ['that occur in no UTF-8', 'ff'],
    ['of a truncated sequence', 'c3'],
    ['of a continuation without a start', '80'],
    ['of overlong sequences', 'c1a1c1a4c1a1'], // "ada", overlong
    ['of an overlong NUL', 'c080'],
    ['of a surrogate', 'eda080'],
    ['of a surrogate pair (CESU-8)', 'eda0bdedb880'],
    ['beyond Unicode', 'f4908080'],
    ['of Latin-1', 'e92e'],
  ])('%s are refused [T-BODY-05]', async (_how, hex) => {
    await refusesAll([around(Buffer.from(hex, 'hex'))]);
  });

  test.each([
    ['UTF-16, little-endian', (text: string) => Buffer.from(text, 'utf16le')],
    ['UTF-16, big-endian', (text: string) => Buffer.from(text, 'utf16le').swap16()],
    ['UTF-16 with a byte order mark', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-8 with a byte order mark', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['UTF-7', (text: string) => Buffer.from(text.replaceAll('"', '+ACI-'))],
  ])('of %s are refused [T-BODY-05]', async (_encoding, encode) => {
    await refusesAll([
      encode(`{${ADAS}}`),
      encode('{"request":"login status"}'),
      encode('{"token":"a.b.c"}'),
    ]);
    const at = shared();
    const before = await at.state();
    for (const charset of ['utf-16', 'utf-16le', 'utf-7', 'latin1']) {
      const headers = { 'content-type': `application/json; charset=${charset}` };
      expectRefused(await toSso(at, encode(`{${ADAS}}`), headers), 400, 'invalid-request');
    }
    expect(await at.state()).toEqual(before);
  });

  test('of a lone surrogate are not the password of the replacement character [T-BODY-05]', async () => {
    await refusesAll([
      String.raw`{"request":"login","username":"ada","password":"\ud800"}`,
      String.raw`{"request":"login","username":"\udfff\ud800","password":"x"}`,
      String.raw`{"token":"\ud83d"}`,
    ]);
    const at = shared();
    const replacement = `{${login('ada', '\ufffd')}}`;
    expectRefused(await toSso(at, replacement), 401, 'invalid-credentials');
  });
});

test.each([
  ['gzip', 'is', gzipSync],
  ['gzip', 'is not', Buffer.from],
  ['deflate', 'is not', Buffer.from],
  ['br', 'is not', Buffer.from],
  ['identity, gzip', 'is not', Buffer.from],
  ['x', 'is not', Buffer.from],
])('a body declared as %s, which it %s, is refused [T-BODY-05]', async (coding, _truth, encode) => {
  const at = shared();
  const before = await at.state();
  const headers = { ...JSON_TYPE, 'content-encoding': coding };
  expectRefused(await toSso(at, encode(`{${ADAS}}`), headers), 415, 'unsupported-media-type');
  expectRefused(await toFoo(at, encode('{"token":"a.b.c"}'), headers), 415, 'unsupported-media-type');
  expect(await at.state()).toEqual(before);
  expect((await toSso(at, `{${ADAS}}`)).status).toBe(200);
});

test.each([
  ['arrays', '['.repeat(4096)],
  ['closed arrays', '['.repeat(2048) + ']'.repeat(2048)],
  ['objects', '{"a":'.repeat(819)],
  ['closed objects', `${'{"a":'.repeat(680)}1${'}'.repeat(680)}`],
  ['a known member', `{"request":${'['.repeat(2000)}${']'.repeat(2000)}}`],
  ['strings that never end', `{"request":"${'\\"'.repeat(2000)}`],
  ['names without values', `{${'"":'.repeat(1300)}`],
])('the deepest nesting of %s that fits is refused like any other [T-BODY-04]', async (_what, body) => {
  await refusesAll([body]);
});

test('a body that isn’t a request of the protocol is refused [T-BODY-06]', async () => {
  await refusesAll([
    "{'request':'login status'}",
    '{"request":"login status",}',
    '{"request":"login status"}{"request":"logout"}',
    '{"request":"login status"}\u0000',
    '{"request":"login status"} x',
    '/* a */{"request":"login status"}',
    '{"request":"login status"}//',
    '{request:"login status"}',
    '{"request":"login\tstatus"}',
    '{"request":"login\nstatus"}',
    String.raw`{"request":"login\x20status"}`,
    String.raw`{"request":"login\u00a0status"}`,
    '{"request":NaN}',
    '{"request":Infinity}',
    '{"request":0x10}',
    '{"request":1e999999}',
    `{"request":${'9'.repeat(4000)}}`,
    '{"request":-}',
    '{"request":01}',
    '{"request":undefined}',
    '{"request":["login status"]}',
    '[{"request":"login status"}]',
    '"login status"',
    '\u00a0{"request":"login status"}',
    '{"request":"login status","username":"ada"}',
    '{"Request":"login status"}',
    '{"request ":"login status"}',
    '{"request":"Login Status"}',
    'request=login+status',
    '<request>login status</request>',
    '',
    'null',
  ]);
});

test('a body of megabytes is refused before it is read completely [T-BODY-04]', async () => {
  const at = shared();
  const before = await at.state();
  const large = `{${login('ada', 'x'.repeat(4096))}}`;
  expectRefused(await toSso(at, large), 413, 'too-large');
  expectRefused(await toFoo(at, `{"token":"${'x'.repeat(4096)}"}`), 413, 'too-large');
  const headers = { ...JSON_TYPE, 'content-length': String(2 ** 30) };
  expectRefused(await toSso(at, '{', headers), 413, 'too-large');
  expect(await at.state()).toEqual(before);
});

test('a login with a duplicate username doesn’t affect the other person’s session [T-BODY-01]', async () => {
  const at = shared();
  const browser = new Browser(at);
  await browser.signIn(GRACE);
  const before = await at.state();
  await toSso(at, `{${ADAS},"username":"grace"}`);
  expect(await at.state()).toEqual(before);
  expect(await browser.sessionAt(at.foo)).toMatchObject({ account: { username: 'grace' } });
});
