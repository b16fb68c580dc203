/**
 * The attacker plants cookies in a victim's browser, from a sibling host or in a browser that ignores the
 * `__Host-` prefix, or knows a value similar to a session's. They want to use the victim's session, or make
 * the victim use theirs.
 */
import { hash } from 'node:crypto';
import { createSessionToken } from '@samesite-sso/core';
import { APP_PATHS, COOKIES, SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import { ADA, Browser, GRACE, type Party } from '../support/browser.ts';
import { type Answer, send } from '../support/http.ts';
import { type Server, type Site, sharedSite, site } from '../support/site.ts';
import { listPageRequests, withOrigin } from './list-page-requests.ts';

/** The username for which a server takes these cookies, or null. */
async function whoIs(at: Site, server: Party, cookie: string | string[]): Promise<string | null> {
  const answer = await answerTo(at, server, cookie);
  expect(answer.status).toBe(200);
  return (answer.body as { account?: { username: string } }).account?.username ?? null;
}

async function answerTo(at: Site, server: Party, cookie: string | string[]): Promise<Answer> {
  if (server !== at.sso) return await send(server, { path: APP_PATHS.session, headers: { cookie } });
  const headers = { cookie, origin: at.foo.origin, 'content-type': 'application/json' };
  const body = '{"request":"login status"}';
  return await send(server, { method: 'POST', path: SSO_PATHS.crossOrigin, headers, body });
}

const nameAt = (at: Site, server: Server) => (server === at.sso ? COOKIES.sso : COOKIES.app);

const secretOf = (pair: string | undefined) => String(pair).slice(String(pair).indexOf('=') + 1);

describe('a cookie planted before the victim signs in', () => {
  test('never becomes the victim’s session, at the SSO service or at an app [T-SESSION-01]', async () => {
    const at = await site();
    const planted = {
      sso: `${COOKIES.sso}=${createSessionToken()}`,
      app: `${COOKIES.app}=${createSessionToken()}`,
    };
    const victim = new Browser(at);
    victim.cookies.set(at.sso, planted.sso).set(at.foo, planted.app);
    await victim.signIn(ADA);
    expect(victim.cookies.get(at.sso)).not.toBe(planted.sso);
    expect(victim.cookies.get(at.foo)).not.toBe(planted.app);
    expect(await whoIs(at, at.sso, planted.sso)).toBeNull();
    expect(await whoIs(at, at.foo, planted.app)).toBeNull();
    expect(await whoIs(at, at.sso, victim.cookies.get(at.sso) ?? '')).toBe('ada');
    expect(await whoIs(at, at.foo, victim.cookies.get(at.foo) ?? '')).toBe('ada');
  });

  test.each(['sso', 'foo'] as const)(
    'of the attacker’s own session at %s loses that session when the victim signs in [T-SESSION-01]',
    async (where) => {
      const at = await site();
      const [attacker, victim] = [new Browser(at), new Browser(at)];
      await attacker.signIn(GRACE);
      victim.cookies.set(at[where], attacker.cookies.get(at[where]) ?? '');
      await victim.signIn(ADA);
      expect(await whoIs(at, at[where], attacker.cookies.get(at[where]) ?? '')).toBeNull();
      expect(await whoIs(at, at[where], victim.cookies.get(at[where]) ?? '')).toBe('ada');
    },
  );
});

test('a session cookie is invalid after the person has signed out [T-SESSION-02]', async () => {
  const at = await site();
  const victim = new Browser(at);
  await victim.signIn(ADA);
  const kept = new Map(victim.cookies);
  await victim.ask({ request: 'logout' });
  await victim.send(at.foo, {
    method: 'DELETE',
    path: APP_PATHS.session,
    headers: { origin: at.foo.origin },
  });
  for (const [server, cookie] of kept) expect(await whoIs(at, server, cookie)).toBeNull();
});

describe('with ada and grace signed in', () => {
  const theSite = sharedSite();
  let ada: Browser;
  let grace: Browser;

  beforeAll(async () => {
    const at = theSite();
    ada = new Browser(at);
    grace = new Browser(at);
    await ada.signIn(ADA);
    await grace.signIn(GRACE);
  });

  test.each<[string, (name: string, value: string) => string]>([
    ['no prefix', (name, value) => `${name.replace('__Host-', '')}=${value}`],
    ['another prefix', (name, value) => `${name.replace('Host', 'Secure')}=${value}`],
    ['a lower-case prefix', (name, value) => `${name.toLowerCase()}=${value}`],
    ['an upper-case name', (name, value) => `${name.toUpperCase()}=${value}`],
    ['a longer name', (name, value) => `${name}2=${value}`],
    ['an index', (name, value) => `${name}[]=${value}`],
    ['a part number', (name, value) => `${name}.0=${value}`],
    ['an encoded name', (name, value) => `${name.replace('-', '%2D')}=${value}`],
    ['a name in quotation marks', (name, value) => `"${name}"=${value}`],
    ['a space after the name', (name, value) => `${name} =${value}`],
    ['a tab before the name', (name, value) => `x=1; \t${name}=${value}`],
    ['no semicolon before it', (name, value) => `x=1 ${name}=${value}`],
    ['a comma before it', (name, value) => `x=1, ${name}=${value}`],
    ['a wide space before the name', (name, value) => `\u00e2\u0080\u0080${name}=${value}`],
    ['a no-break space before the name', (name, value) => `\u00a0${name}=${value}`],
    ['a next-line character before the name', (name, value) => `\u0085${name}=${value}`],
    ['a no-break space in UTF-8 before the name', (name, value) => `\u00c2\u00a0${name}=${value}`],
    ['the whole pair as a nameless cookie', (name, value) => `=${name}=${value}`],
    ['the whole pair as another cookie’s value', (name, value) => `x=${name}=${value}`],
  ])(
    'a planted cookie with %s signs nobody in, and doesn’t hide the genuine one [T-SESSION-04]',
    async (_what, plant) => {
      const at = theSite();
      const before = await at.state();
      for (const server of [at.sso, at.foo]) {
        const planted = plant(nameAt(at, server), secretOf(grace.cookies.get(server)));
        const own = ada.cookies.get(server);
        expect(await whoIs(at, server, planted)).toBeNull();
        expect(await whoIs(at, server, `${planted}; ${own}`)).toBe('ada');
        expect(await whoIs(at, server, `${own}; ${planted}`)).toBe('ada');
      }
      expect(await at.state()).toEqual(before);
    },
  );

  test.each<[string, (own: string, planted: string) => string | string[]]>([
    ['before the true one', (own, planted) => `${planted}; ${own}`],
    ['after the true one', (own, planted) => `${own}; ${planted}`],
    ['far from the true one', (own, planted) => `${planted}; a=1; b=2; ${own}`],
    ['in a header line of its own', (own, planted) => [own, planted]],
    ['in a header line before', (own, planted) => [planted, own]],
    ['with no value', (own, planted) => `${planted.split('=')[0]}=; ${own}`],
    ['with junk for a value', (own, planted) => `${own}; ${planted.split('=')[0]}="; x`],
    ['with the very same value', (own) => `${own}; ${own}`],
  ])(
    'a second cookie of the same name, %s, is refused, and neither session is used [T-SESSION-05]',
    async (_what, both) => {
      const at = theSite();
      const requests = listPageRequests(at, ada, ADA, await ada.token());
      const before = await at.state();
      for (const request of requests) {
        const { to, from } = request;
        const attempt = withOrigin(from.origin, request);
        const cookie = both(ada.cookies.get(to) ?? '', grace.cookies.get(to) ?? '');
        const answer = await send(to, { ...attempt, headers: { ...attempt.headers, cookie } });
        expect([answer.status, answer.body['code']], request.what).toEqual([400, 'invalid-request']);
        expect(answer.headers['set-cookie']).toBeUndefined();
      }
      const atFoo = both(ada.cookies.get(at.foo) ?? '', grace.cookies.get(at.foo) ?? '');
      expect((await answerTo(at, at.foo, atFoo)).status).toBe(400);
      expect(await at.state()).toEqual(before);
    },
  );

  test.each<[string, (value: string) => string]>([
    ['in quotation marks', (value) => `"${value}"`],
    ['with an encoded letter', (value) => `%${value.charCodeAt(0).toString(16)}${value.slice(1)}`],
    ['wholly encoded', (value) => Buffer.from(value).toString('hex').replaceAll(/../g, '%$&')],
    ['with padding', (value) => `${value}=`],
    ['in plain base64', (value) => Buffer.from(value, 'base64url').toString('base64')],
    ['in hexadecimal', (value) => Buffer.from(value, 'base64url').toString('hex')],
    [
      'with the bits that base64url leaves unused',
      (value) => value.slice(0, -1) + nextLetter(value.slice(-1)),
    ],
    ['with another first letter', (value) => nextLetter(value.slice(0, 1)) + value.slice(1)],
    ['in the other case', (value) => value.replaceAll(/[a-z]/gi, otherCase)],
    ['cut by one letter', (value) => value.slice(0, -1)],
    ['longer by one letter', (value) => `${value}A`],
    ['as its hash, which a stolen database holds', (value) => hash('sha256', value, 'base64url')],
    ['as a pattern', () => '%'.repeat(43)],
    ['as underscores, which SQL takes for any letter', () => '_'.repeat(43)],
    ['as an attribute', (value) => `; Path=${value}`],
    ['as nothing', () => ''],
  ])('a value %s is nobody’s session [T-SESSION-08]', async (_what, spell) => {
    const at = theSite();
    const before = await at.state();
    for (const server of [at.sso, at.foo]) {
      const cookie = `${nameAt(at, server)}=${spell(secretOf(ada.cookies.get(server)))}`;
      expect(await whoIs(at, server, cookie)).toBeNull();
    }
    expect(await at.state()).toEqual(before);
  });

  test('a session of one server is invalid at another, under either cookie name [T-SESSION-08]', async () => {
    const at = theSite();
    const before = await at.state();
    const value = { sso: secretOf(ada.cookies.get(at.sso)), foo: secretOf(ada.cookies.get(at.foo)) };
    for (const name of Object.values(COOKIES)) {
      expect(await whoIs(at, at.sso, `${name}=${value.foo}`)).toBeNull();
      expect(await whoIs(at, at.foo, `${name}=${value.sso}`)).toBeNull();
      expect(await whoIs(at, at.lorem, `${name}=${value.foo}`)).toBeNull();
      expect(await whoIs(at, at.lorem, `${name}=${value.sso}`)).toBeNull();
      const me = await send(at.lorem, { path: '/api/me', headers: { cookie: `${name}=${value.foo}` } });
      expect([me.status, me.body['code']]).toEqual([401, 'not-signed-in']);
    }
    expect(await at.state()).toEqual(before);
  });

  test('the public identifiers of a session don’t give access to it [T-SESSION-08]', async () => {
    const at = theSite();
    const [token, other] = [await ada.token(), await ada.token()];
    const { jti, sid } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const before = await at.state();
    for (const told of [sid, sid.replaceAll('-', ''), jti, other, 'account-of-ada']) {
      expect(await whoIs(at, at.sso, `${COOKIES.sso}=${told}`)).toBeNull();
      expect(await whoIs(at, at.foo, `${COOKIES.app}=${told}`)).toBeNull();
    }
    expect(await at.state()).toEqual(before);
  });

  test('too many cookies are refused unread and affect nobody else [T-SESSION-06]', async () => {
    const at = theSite();
    const before = await at.state();
    const bomb = Array.from({ length: 10 }, (_, index) => `x${index}=${'x'.repeat(4000)}`).join('; ');
    for (const server of [at.sso, at.foo]) {
      const cookie = `${bomb}; ${ada.cookies.get(server)}`;
      expect((await answerTo(at, server, cookie)).status).toBe(413);
      expect(await whoIs(at, server, ada.cookies.get(server) ?? '')).toBe('ada');
    }
    expect(await at.state()).toEqual(before);
  });

  test('as many other cookies as fit don’t hide the right one [T-SESSION-06]', async () => {
    const at = theSite();
    const many = Array.from({ length: 1500 }, (_, index) => `x${index}=`).join('; ');
    for (const server of [at.sso, at.foo]) {
      expect(await whoIs(at, server, `${many}; ${ada.cookies.get(server)}`)).toBe('ada');
    }
  });
});

test('session cookies are host-only, Secure, HttpOnly, and SameSite=Strict [T-SESSION-10]', async () => {
  const at = await site();
  const person = new Browser(at);
  const login = await person.logIn(ADA);
  const redeemed = await person.redeem(at.foo, await person.token());
  for (const [answer, name, seconds] of [
    [login, COOKIES.sso, 43_200],
    [redeemed, COOKIES.app, 1800],
  ] as const) {
    const [line, ...more] = answer.headers['set-cookie'] ?? [];
    expect(more).toEqual([]);
    const [pair, ...attributes] = String(line).split('; ');
    expect(pair).toMatch(new RegExp(`^${name}=[\\w-]{43}$`));
    expect(attributes.sort()).toEqual([
      'HttpOnly',
      `Max-Age=${seconds}`,
      'Path=/',
      'Priority=High',
      'SameSite=Strict',
      'Secure',
    ]);
  }
});

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function nextLetter(letter: string): string {
  return LETTERS.charAt((LETTERS.indexOf(letter) + 1) % 64);
}

function otherCase(letter: string): string {
  return letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase();
}
