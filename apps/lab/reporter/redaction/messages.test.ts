import { describe, expect, it } from 'vitest';
import type { RawFields } from './header-fields.ts';
import { redactMessage } from './messages.ts';

const JSON_TYPE = ['Content-Type', 'application/json'] as const;
const FORM_TYPE = ['content-type', 'application/x-www-form-urlencoded;charset=UTF-8'] as const;

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

const SSO = 'https://sso.example.com';
const FOO = 'https://foo.example.com';
const KID = 'k'.repeat(43);
const ID = '01a22884-5428-794b-9cd5-43c34a797ae2';

const SIGNATURE = 'hush-signature';
const JWT = [
  encode({ alg: 'Ed25519', typ: 'logout+jwt', kid: KID, crit: ['hush'] }),
  encode({ iss: 'https://sso.example.com', sid: ID, jti: ID, iat: 1, password: 'hush', events: {} }),
  SIGNATURE,
].join('.');

const redact = (kind: 'request' | 'response', message: { fields: RawFields; body: unknown }) =>
  redactMessage(kind, message, new Set([SSO, FOO]));

const bodyOf = (kind: 'request' | 'response', body: object) =>
  JSON.parse(redact(kind, { fields: [JSON_TYPE], body: JSON.stringify(body) }).body ?? 'null');

/** The shown value of a header, next to a body. */
function headerOf(name: string, fields: RawFields, body: unknown, kind: 'request' | 'response' = 'request') {
  const message = redact(kind, { fields, body });
  return message.fields.find((field) => field.name === name)?.value;
}

describe('the body of a request', () => {
  it.each([
    [{ request: 'login status' }, { request: 'login status' }],
    [{ request: 'hush' }, { request: '(hidden)' }],
    [
      { request: 'login', username: 'ada', password: 'hush' },
      { request: 'login', username: 'ada', password: '(hidden)' },
    ],
    [
      { oldPassword: '', newPassword: 'hush' },
      { oldPassword: '(hidden)', newPassword: '(hidden)' },
    ],
    // The requests of features to come.
    [
      { code: '123456', secret: 'hush', recoveryCodes: ['hush'], credential: { id: 'hush' }, uri: 'hush' },
      {
        code: '(hidden)',
        secret: '(hidden)',
        recoveryCodes: '(hidden)',
        credential: '(hidden)',
        uri: '(hidden)',
      },
    ],
    [{ hush: 'hush', more: { hush: 1 } }, { '(2 more)': '(hidden)' }],
    [{ username: { password: 'hush' } }, { username: '(hidden)' }],
    [{ token: 'hush' }, { token: '(hidden)' }],
    [{ client_id: FOO }, { client_id: FOO }],
    [{ client_id: 'https://hush.example' }, { client_id: '(hidden)' }],
    [{ constructor: 'hush', toString: 'hush' }, { '(2 more)': '(hidden)' }],
  ])('%j is shown as %j', (body, shown) => {
    expect(bodyOf('request', body)).toEqual(shown);
  });

  it('shows no member named like one of Object.prototype', () => {
    const body = '{"__proto__":{"password":"hush"},"request":"logout"}';
    const { body: shown } = redact('request', { fields: [JSON_TYPE], body });
    expect(shown).toBe('{"request":"logout","(1 more)":"(hidden)"}');
  });

  it.each([
    ['malformed JSON', [JSON_TYPE], '{"password":"hush"'],
    ['a JSON string', [JSON_TYPE], '"hush"'],
    ['a JSON array', [JSON_TYPE], '["hush"]'],
    ['another type', [['content-type', 'text/plain'] as const], '{"request":"login status"}'],
    ['no type', [], 'hush'],
    ['a body that the server did not read', [JSON_TYPE], undefined],
  ])('is hidden as a whole if it is %s', (_what, fields, body) => {
    expect(redact('request', { fields, body }).body).toBe('(hidden)');
  });

  it('shows a form as names and values, and hides repeated members', () => {
    const body = `token=${JWT}&client_assertion=hush&sid=1&sid=2&hush`;
    const message = redact('request', { fields: [FORM_TYPE], body });
    expect(message.body).toBe('token=eyJhbG…&client_assertion=(hidden)&sid=(hidden)&(1 more)=(hidden)');
  });

  it('may have been parsed by the server', () => {
    const body = Object.assign(Object.create(null), { logout_token: JWT });
    const message = redact('request', { fields: [FORM_TYPE], body });
    expect(message.body).toBe('logout_token=eyJhbG…');
    expect(message.tokens).toHaveLength(1);
  });
});

describe('the body of a response', () => {
  it.each([
    [
      { status: 'signed in', account: { id: ID, username: 'ada', displayName: 'Ada', hash: 'hush' } },
      {
        status: 'signed in',
        account: { id: ID, username: 'ada', displayName: 'Ada', '(1 more)': '(hidden)' },
      },
    ],
    [
      { status: 401, code: 'invalid-token', title: 'hush', detail: 'is too short' },
      { status: 401, code: 'invalid-token', title: '(hidden)', detail: 'is too short' },
    ],
    [{ code: '123456' }, { code: '(hidden)' }],
    [
      { methods: ['code', 'hush'], maxAge: 600, factors: 2 },
      { methods: ['code', '(hidden)'], maxAge: 600, factors: 2 },
    ],
    [
      { keys: [{ kty: 'OKP', crv: 'Ed25519', x: KID, kid: KID, use: 'sig', d: 'hush' }] },
      { keys: [{ kty: 'OKP', crv: 'Ed25519', x: KID, kid: KID, use: 'sig', '(1 more)': '(hidden)' }] },
    ],
    [
      { active: true, aud: [FOO] },
      { active: true, aud: [FOO] },
    ],
    [
      { auth_time: 1, amr: ['pwd', 'hush'] },
      { auth_time: 1, amr: ['pwd', '(hidden)'] },
    ],
    [{ sessions: [{ sid: ID, address: '192.0.2.1' }] }, { sessions: [{ sid: ID, address: '(hidden)' }] }],
  ])('%j is shown as %j', (body, shown) => {
    expect(bodyOf('response', body)).toEqual(shown);
  });

  it('shows the first 20 elements of a list', () => {
    const sessions = Array.from({ length: 50 }, () => ({ sid: ID }));
    const shown = bodyOf('response', { sessions }).sessions;
    expect(shown).toHaveLength(21);
    expect(shown[20]).toBe('(30 more)');
  });

  it('is absent from a response without one', () => {
    expect(redact('response', { fields: [], body: null }).body).toBeNull();
    expect(redact('response', { fields: [], body: '' }).body).toBeNull();
  });
});

describe('a JWT in a body', () => {
  const { body, tokens } = redact('request', {
    fields: [JSON_TYPE],
    body: JSON.stringify({ logout_token: JWT }),
  });

  it('is decoded, with the members that are known', () => {
    expect(body).toBe('{"logout_token":"eyJhbG…"}');
    expect(tokens).toEqual([
      expect.objectContaining({
        member: 'logout_token',
        header: { alg: 'Ed25519', typ: 'logout+jwt', kid: KID, '(1 more)': '(hidden)' },
        claims: {
          iss: 'https://sso.example.com',
          sid: ID,
          jti: ID,
          iat: 1,
          events: {},
          '(1 more)': '(hidden)',
        },
      }),
    ]);
  });

  it.each([
    [{ sid: 'hush', jti: 'hush', sub: 'hush', iss: 'hush', aud: 'hush' }],
    // Secrets in forms that other ids and addresses have.
    [{ sid: KID, jti: KID, sub: KID, iss: 'https://hush.example', aud: ['https://hush.example'] }],
    [{ sub: 'https://foo.example.com/hush', iss: `${SSO}/`, aud: 'https://hush@foo.example.com' }],
  ])('shows nothing of claims in other forms than the site’s, such as %j', (claims) => {
    const jwt = `${encode({ alg: 'Ed25519', kid: 'hush' })}.${encode(claims)}.${SIGNATURE}`;
    const [token] = redact('request', { fields: [JSON_TYPE], body: { token: jwt } }).tokens;
    expect(token?.header).toEqual({ alg: 'Ed25519', kid: '(hidden)' });
    expect(Object.values(token?.claims ?? {}).flat()).toEqual(Object.keys(claims).map(() => '(hidden)'));
  });

  it.each([[{ iss: FOO, sub: FOO, aud: SSO, jti: ID }], [{ iss: SSO, sub: ID, aud: FOO, sid: ID }]])(
    'shows the claims of a client assertion and of a token, %j',
    (claims) => {
      const jwt = `${encode({ alg: 'Ed25519', kid: KID })}.${encode(claims)}.${SIGNATURE}`;
      const [token] = redact('request', { fields: [JSON_TYPE], body: { token: jwt } }).tokens;
      expect(token).toMatchObject({ header: { kid: KID }, claims });
    },
  );

  it.each([
    ['has no object as its header', `${encode([])}AAAA.${encode({})}.${SIGNATURE}`],
    ['has claims that are not JSON', `${encode({ alg: 'none' })}.hush-claims.${SIGNATURE}`],
    ['has five parts', `${JWT}.hush.hush`],
    ['has white space around it', ` ${JWT}`],
  ])('is hidden if it %s', (_what, token) => {
    const message = redact('request', { fields: [JSON_TYPE], body: JSON.stringify({ token }) });
    expect(message).toMatchObject({ body: '{"token":"(hidden)"}', tokens: [] });
  });
});

describe('a body’s length', () => {
  const length = ['Content-Length', '57'] as const;
  it.each([
    ['shown where the whole body is', [JSON_TYPE, length], '{"request":"login status"}', '57'],
    ['hidden next to a password', [JSON_TYPE, length], '{"username":"ada","password":"hush"}', '(hidden)'],
    ['hidden where the body is not JSON', [JSON_TYPE, length], '{', '(hidden)'],
    ['hidden where the body was not read', [JSON_TYPE, length], undefined, '(hidden)'],
    ['shown where there is no body', [['Content-Length', '0'] as const], undefined, '0'],
  ])('is %s', (_how, fields, body, shown) => {
    expect(headerOf('Content-Length', fields, body)).toBe(shown);
  });

  it('is shown for a document', () => {
    const fields = [['Content-Type', 'text/html; charset=utf-8'] as const, length];
    expect(headerOf('Content-Length', fields, '<p>', 'response')).toBe('57');
  });
});
