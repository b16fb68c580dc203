/**
 * The attacker reaches foo's server, which accepts logout tokens without any cookie. They may be another app
 * that receives logout tokens itself. They want to sign people out of foo.
 */
import { APP_PATHS, AUTHENTICATION_TOKEN_TYPE, SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { type Answer, FORM, postForm, send } from '../support/http.ts';
import { type Site, sharedSite, site } from '../support/site.ts';
import {
  compact,
  keyOf,
  logoutClaims,
  logoutTokenOf,
  secondsOf,
  signedBy,
  unpublishedKey,
} from './create-jws.ts';
import { corsHeaders } from './expect-refusal.ts';
import { assertionOf } from './introspect.ts';

const shared = sharedSite();
const path = APP_PATHS.backchannelLogout;
let victim: Browser;
/** The victim's SSO session id, which every app that they use knows. */
let sid: string;

beforeAll(async () => {
  victim = new Browser(shared());
  await victim.signIn(ADA);
  sid = sidIn(await victim.token());
});

function sidIn(token: string): string {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid;
}

async function expectRefused(attempt: (at: Site) => Promise<Answer>): Promise<void> {
  const at = shared();
  const before = await at.state();
  const answer = await attempt(at);
  expect([answer.status, answer.text]).toEqual([400, '{"error":"invalid_request"}']);
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(corsHeaders(answer)).toEqual({});
  expect(await at.state()).toEqual(before);
  expect(await victim.sessionAt(at.foo)).toMatchObject({ account: { username: 'ada' } });
}

type Variant = [how: string, token: (at: Site) => string | Promise<string>];

const header = { typ: 'logout+jwt' };
const changed = (how: string, changes: (at: Site) => object): Variant => [
  how,
  (at) => logoutTokenOf(at, at.foo, sid, changes(at)),
];

const forged: Variant[] = [
  ['an unpublished key', (at) => signedBy(unpublishedKey('any'), header, logoutClaims(at, at.foo, sid))],
  [
    "an unpublished key under the service's id",
    (at) => signedBy(unpublishedKey(keyOf(at.sso).kid), header, logoutClaims(at, at.foo, sid)),
  ],
  ["another app's key", (at) => signedBy(keyOf(at.lorem), header, logoutClaims(at, at.foo, sid))],
  ["foo's own key", (at) => signedBy(keyOf(at.foo), header, logoutClaims(at, at.foo, sid))],
  [
    'no key',
    (at) => compact({ ...header, alg: 'none', kid: keyOf(at.sso).kid }, logoutClaims(at, at.foo, sid)),
  ],
  ['a text that isn’t a JWT', () => sid],
];

const alien: Variant[] = [
  ['for another app', (at) => logoutTokenOf(at, at.lorem, sid)],
  changed('for foo and another app', ({ foo, lorem }) => ({ aud: [foo.origin, lorem.origin] })),
  changed('of another service', ({ lorem }) => ({ iss: lorem.origin })),
  changed('of yesterday', (at) => ({ iat: secondsOf(at) - 86_400, exp: secondsOf(at) - 86_280 })),
  changed('of yesterday, with an exp ahead', (at) => ({
    iat: secondsOf(at) - 86_400,
    exp: secondsOf(at) + 60,
  })),
  changed('of tomorrow', (at) => ({ iat: secondsOf(at) + 86_400, exp: secondsOf(at) + 86_520 })),
  changed('that names no session', () => ({ sid: undefined })),
  changed('that names all sessions of a person', () => ({ sid: undefined, sub: 'account-of-ada' })),
  changed('that names a pattern of sessions', () => ({ sid: ['%'] })),
  changed('that has no logout event', () => ({ events: {} })),
  changed('that is an ID token, with a nonce', () => ({ nonce: 'n' })),
];

const others: Variant[] = [
  ["ada's authentication token", () => victim.token()],
  ["foo's client assertion", (at) => assertionOf(at, at.foo)],
  [
    'a logout token as an authentication token',
    (at) => signedBy(keyOf(at.sso), { typ: AUTHENTICATION_TOKEN_TYPE }, logoutClaims(at, at.foo, sid)),
  ],
  ['a logout token as a JWT', (at) => signedBy(keyOf(at.sso), { typ: 'JWT' }, logoutClaims(at, at.foo, sid))],
];

describe('nobody is signed out', () => {
  const expectTokenRefused = async (token: (at: Site) => string | Promise<string>) => {
    const logout_token = await token(shared());
    await expectRefused((at) => postForm(at.foo, path, { logout_token }));
  };
  test.each(forged)('by a logout token under %s [T-LOGOUT-01]', (_how, token) => expectTokenRefused(token));
  test.each(alien)('by a logout token %s [T-LOGOUT-01]', (_how, token) => expectTokenRefused(token));
  test.each(others)('by another token or text: %s [T-LOGOUT-01]', (_how, token) => expectTokenRefused(token));
});

const textOf = (at: Site) => `logout_token=${logoutTokenOf(at, at.foo, sid)}`;

test.each<[string, (at: Site) => Promise<Answer>]>([
  ['twice in one form', (at) => postForm(at.foo, path, `${textOf(at)}&${textOf(at)}`)],
  [
    'as text',
    (at) =>
      send(at.foo, { method: 'POST', path, headers: { 'content-type': 'text/plain' }, body: textOf(at) }),
  ],
  ['in the query', (at) => send(at.foo, { method: 'POST', path: `${path}?${textOf(at)}`, headers: FORM })],
  [
    'as JSON',
    (at) =>
      send(at.foo, {
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ logout_token: logoutTokenOf(at, at.foo, sid) }),
      }),
  ],
])('a logout token counts only as one field of a form, and not %s [T-LOGOUT-03]', (_how, attempt) =>
  expectRefused(attempt),
);

test('a logout token signs out once, and only the session that it names [T-LOGOUT-02]', async () => {
  const at = shared();
  const [named, bystander] = [new Browser(at), new Browser(at)];
  await named.signIn(ADA);
  await bystander.signIn(GRACE);
  const logout_token = logoutTokenOf(at, at.foo, sidIn(await named.token()));
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => postForm(at.foo, path, { logout_token })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(19).fill(400)]);
  expect(await named.sessionAt(at.foo)).toEqual({ status: 'signed out' });
  expect(await bystander.sessionAt(at.foo)).toMatchObject({ account: { username: 'grace' } });
  await expectRefused(() => postForm(at.foo, path, { logout_token }));
});

test('forged logout tokens cause no requests but for the SSO service’s keys', async () => {
  // A new site, whose foo has no keys yet.
  const at = await site();
  const asked: string[] = [];
  at.sso.app.server.on('request', ({ method, url }) => asked.push(`${method} ${url}`));
  const refused = await postForm(at.foo, path, { logout_token: logoutTokenOf(at, at.lorem, sid) });
  const heard = await postForm(at.foo, path, { logout_token: logoutTokenOf(at, at.foo, sid) });
  expect([refused.status, heard.status]).toEqual([400, 200]);
  expect(asked).toEqual([`GET ${SSO_PATHS.keys}`]);
});
