/**
 * The attacker sends random JSON, bytes, and forms to every endpoint that reads a body. No server fails, only
 * requests of the protocol are accepted, and nothing changes.
 */
import {
  APP_PATHS,
  BODY_LIMIT_BYTES,
  COOKIES,
  PROBLEM_CONTENT_TYPE,
  PROBLEMS,
  SSO_PATHS,
} from '@samesite-sso/protocol';
import * as fc from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { expect, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { parseStrictJson } from '../../packages/core/src/http/json-body.ts';
import { ADA, Browser } from '../support/browser.ts';
import { type Server, type Site, sharedSite } from '../support/site.ts';
import { anyCharacter, check } from './property.ts';

const shared = sharedSite();

interface Endpoint {
  server: 'sso' | 'foo';
  path: string;
  /** The server whose page sends it. */
  page: 'sso' | 'foo';
  /** Valid bodies, in which any string may differ. */
  good: readonly Record<string, string>[];
}

const JSON_ENDPOINTS: readonly Endpoint[] = [
  {
    server: 'sso',
    path: SSO_PATHS.crossOrigin,
    page: 'foo',
    good: [
      { request: 'login status' },
      { request: 'authentication token' },
      { request: 'login', username: 'ada', password: 'x' },
      { request: 'passkey challenge' },
      { request: 'logout' },
    ],
  },
  { server: 'sso', path: ACCOUNT_PATHS.login, page: 'sso', good: [{ username: 'ada', password: 'x' }] },
  { server: 'sso', path: ACCOUNT_PATHS.logout, page: 'sso', good: [{}] },
  {
    server: 'sso',
    path: ACCOUNT_PATHS.password,
    page: 'sso',
    good: [{ oldPassword: 'x', newPassword: 'y' }],
  },
  { server: 'foo', path: APP_PATHS.session, page: 'foo', good: [{ token: 'a.b.c' }] },
];
const paths = JSON_ENDPOINTS.map((endpoint) => [endpoint.path, endpoint] as const);

async function post(
  server: Server,
  path: string,
  headers: Record<string, string>,
  payload: string | Buffer,
): Promise<LightMyRequestResponse> {
  return await server.app.inject({ method: 'POST', url: path, headers, payload });
}

/** Sends with ada's cookies, so that a body that gets through would change something. */
async function asAda(at: Site, { server, path, page }: Endpoint) {
  const browser = new Browser(at);
  await browser.signIn(ADA);
  const cookie = browser.cookies.get(at[server]) ?? '';
  const headers = { 'content-type': 'application/json', origin: at[page].origin, cookie };
  return (payload: string | Buffer) => post(at[server], path, headers, payload);
}

/** A documented problem, without effect on the session. */
function expectRefused(answer: LightMyRequestResponse, ...codes: (keyof typeof PROBLEMS)[]): void {
  const { code, ...problem } = answer.json<{ code: keyof typeof PROBLEMS; status: number }>();
  expect(codes).toContain(code);
  expect([answer.statusCode, problem.status]).toEqual([PROBLEMS[code].status, PROBLEMS[code].status]);
  expect(answer.headers['content-type']).toMatch(PROBLEM_CONTENT_TYPE);
  expect(answer.headers['set-cookie']).toBeUndefined();
}

const sameNames = (one: object, other: object) =>
  Object.keys(one).sort().join('\n') === Object.keys(other).sort().join('\n');

/** Whether a value is a request of the protocol. */
function isGood({ good }: Endpoint, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const members = value as Record<string, unknown>;
  return good.some(
    (shape) =>
      sameNames(shape, members) &&
      (shape['request'] === undefined || shape['request'] === members['request']) &&
      Object.values(members).every((member) => typeof member === 'string'),
  );
}

/** Values similar to the protocol's requests: a member missing, of another type, or added. */
function nearly({ good }: Endpoint): fc.Arbitrary<unknown> {
  return fc.constantFrom(...good).chain((shape) => {
    const names = Object.keys(shape);
    const some = fc
      .subarray(names)
      .map((kept) => Object.fromEntries(kept.map((name) => [name, shape[name]])));
    const more = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('request', ...names)), fc.jsonValue());
    return fc.tuple(some, more).map(([kept, added]) => ({ ...kept, ...added }));
  });
}

test.each(paths)(
  'POST %s refuses every JSON value that doesn’t match its schema [T-BODY-06]',
  async (_path, endpoint) => {
    const at = shared();
    const ask = await asAda(at, endpoint);
    const before = await at.state();
    const values = fc.oneof(fc.jsonValue({ maxDepth: 4 }), nearly(endpoint));
    await check(
      fc.asyncProperty(values, async (value) => {
        const body = JSON.stringify(value);
        fc.pre(!isGood(endpoint, value) && Buffer.byteLength(body) <= BODY_LIMIT_BYTES);
        expectRefused(await ask(body), 'invalid-request');
      }),
      50,
    );
    expect(await at.state()).toEqual(before);
  },
);

test.each(paths)(
  'POST %s refuses a valid body with an additional member [T-BODY-06]',
  async (_path, endpoint) => {
    const at = shared();
    const ask = await asAda(at, endpoint);
    const before = await at.state();
    await check(
      fc.asyncProperty(
        fc.constantFrom(...endpoint.good),
        fc.string({ unit: 'grapheme' }),
        fc.jsonValue({ maxDepth: 1 }),
        async (shape, name, value) => {
          fc.pre(!(name in shape));
          // As text, since JavaScript objects treat some names specially.
          const members = [...Object.entries(shape), [name, value] as const].map(
            ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
          );
          expectRefused(await ask(`{${members.join()}}`), 'invalid-request', 'too-large');
        },
      ),
      50,
    );
    expect(await at.state()).toEqual(before);
  },
);

test.each(paths)('POST %s refuses random bytes [T-BODY-06]', async (_path, endpoint) => {
  const at = shared();
  const ask = await asAda(at, endpoint);
  const before = await at.state();
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
    fc.string({ unit: anyCharacter, maxLength: 200 }).map((text) => Buffer.from(text)),
    fc.uint8Array({ minLength: BODY_LIMIT_BYTES - 2, maxLength: BODY_LIMIT_BYTES + 20 }).map(Buffer.from),
    // A valid body with one byte changed, which isn't valid any longer.
    fc
      .tuple(fc.constantFrom(...endpoint.good), fc.nat(100), fc.integer({ min: 0, max: 255 }))
      .map(([shape, index, byte]) => {
        const buffer = Buffer.from(JSON.stringify(shape));
        buffer[index % buffer.length] = byte;
        return buffer;
      }),
  );
  await check(
    fc.asyncProperty(bytes, async (payload) => {
      const value = parsed(payload);
      fc.pre(value === undefined || !isGood(endpoint, value));
      expectRefused(await ask(payload), 'invalid-request', 'too-large');
    }),
    50,
  );
  expect(await at.state()).toEqual(before);
});

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

test.each([
  [
    'sso',
    SSO_PATHS.introspection,
    401,
    'invalid_client',
    ['token', 'client_assertion', 'client_assertion_type'],
  ],
  ['sso', SSO_PATHS.endSession, 401, 'invalid_client', ['sid', 'client_assertion', 'client_assertion_type']],
  ['foo', APP_PATHS.backchannelLogout, 400, 'invalid_request', ['logout_token']],
] as const)(
  'the server of %s refuses every form at POST %s [T-BODY-06]',
  async (server, path, status, error, names) => {
    const at = shared();
    const browser = new Browser(at);
    await browser.signIn(ADA);
    const before = await at.state();
    const name = fc.oneof(fc.constantFrom(...names), fc.string({ unit: anyCharacter }));
    const value = fc.oneof(fc.string({ unit: anyCharacter }), fc.base64String(), fc.constant('a.b.c'));
    const encoded = fc.array(fc.tuple(name, value)).map((pairs) => new URLSearchParams(pairs).toString());
    const raw = fc.array(fc.tuple(name, value)).map((pairs) => pairs.map((pair) => pair.join('=')).join('&'));
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      cookie: browser.cookies.get(at[server]) ?? '',
    };
    await check(
      fc.asyncProperty(fc.oneof(encoded, raw), async (form) => {
        fc.pre(Buffer.byteLength(form) <= BODY_LIMIT_BYTES);
        const answer = await post(at[server], path, headers, form);
        expect([answer.statusCode, answer.json()]).toEqual([status, { error }]);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }),
    );
    expect(await at.state()).toEqual(before);
  },
);

test('a cookie that isn’t a session’s signs nobody in [T-BODY-06]', async () => {
  const at = shared();
  const before = await at.state();
  const value = fc.oneof(fc.string(), fc.base64String({ minLength: 40, maxLength: 48 }));
  await check(
    fc.asyncProperty(
      value,
      fc.constantFrom(COOKIES.sso, COOKIES.app, '__host-sso', ''),
      async (text, name) => {
        const headers = {
          cookie: `${name}=${text}`,
          origin: at.foo.origin,
          'content-type': 'application/json',
        };
        const status = await post(at.sso, '/', headers, '{"request":"login status"}');
        const session = await at.foo.app.inject({ url: APP_PATHS.session, headers });
        for (const answer of [status, session]) {
          expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'signed out' }]);
        }
      },
    ),
    50,
  );
  expect(await at.state()).toEqual(before);
});

/** A JSON text, and whether every parser must read it in the same way. */
interface Text {
  text: string;
  isSound: boolean;
}

// None ends with a backslash: V8 in Node.js 24.21 reads it as a quotation mark, depending on earlier input.
const NAME = fc.oneof(
  fc.constantFrom('a', 'b', '__proto__', 'constructor', '"', '\\a', '":'),
  fc.string().filter((name) => !name.endsWith('\\')),
);

const { json: JSON_TEXT } = fc.letrec<{ json: Text }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.jsonValue({ maxDepth: 0 }).map((value) => ({ text: JSON.stringify(value), isSound: true })),
    fc.array(tie('json')).map((values) => ({
      text: `[${values.map(({ text }) => text).join(' , ')}]`,
      isSound: values.every(({ isSound }) => isSound),
    })),
    fc.array(fc.tuple(NAME, fc.constantFrom(':', ' :\n', '\t: '), tie('json'))).map((members) => ({
      text: `{${members.map(([name, colon, { text }]) => JSON.stringify(name) + colon + text).join()}}`,
      isSound:
        members.every(([name, _colon, { isSound }]) => isSound && name !== '__proto__') &&
        new Set(members.map(([name]) => name)).size === members.length,
    })),
  ),
}));

test('JSON that parsers interpret differently is refused [T-BODY-01]', async () => {
  await check(
    fc.asyncProperty(JSON_TEXT, async ({ text, isSound }) => {
      const read = () => parseStrictJson(Buffer.from(text));
      if (isSound) expect(read()).toEqual(JSON.parse(text));
      else expect(read).toThrow(/^a name (that isn't in this object yet|other than __proto__)$/);
    }),
    1000,
  );
});
