/**
 * The attacker makes a browser send random cookies, most of them similar to the victim's. Only the victim's
 * exact value, under the exact name, sent once, is their session, and no other cookie hides it.
 */
import { APP_PATHS, COOKIES, SSO_PATHS } from '@samesite-sso/protocol';
import {
  type Arbitrary,
  array,
  asyncProperty,
  constantFrom,
  integer,
  oneof,
  string,
  tuple,
} from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import { type Server, sharedSite } from '../support/site.ts';
import { anyCharacter, check } from './property.ts';

const theSite = sharedSite();
let ada: Browser;

beforeAll(async () => {
  ada = new Browser(theSite());
  await ada.signIn(ADA);
});

/** The two servers with a session of ada's, and its cookie. */
function servers(): { server: Server; name: string; own: string }[] {
  const at = theSite();
  return [
    { server: at.sso, name: COOKIES.sso, own: ada.cookies.get(at.sso) ?? '' },
    { server: at.foo, name: COOKIES.app, own: ada.cookies.get(at.foo) ?? '' },
  ];
}

async function answerTo(server: Server, cookie: string) {
  const at = theSite();
  if (server !== at.sso) return await server.app.inject({ url: APP_PATHS.session, headers: { cookie } });
  const headers = { cookie, origin: at.foo.origin };
  const payload = { request: 'login status' };
  return await server.app.inject({ method: 'POST', url: SSO_PATHS.crossOrigin, headers, payload });
}

/** A text with a piece of it removed or replaced. */
const nearly = (text: string) =>
  tuple(
    integer({ min: 0, max: text.length }),
    integer({ min: 0, max: 3 }),
    oneof(
      string({ unit: anyCharacter, maxLength: 3 }),
      string({ unit: constantFrom(...'; =,"%\t\\aA-_1'), maxLength: 4 }),
    ),
  ).map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut));

function headers(name: string, own: string): Arbitrary<string> {
  const value = own.slice(name.length + 1);
  const piece = oneof(
    constantFrom(own, own.replace(name, name.toLowerCase()), `=${own}`, name, value),
    constantFrom('=', ';', '; ', ' ', ',', '"', '%', '\t', '\u00a0', '__proto__', 'constructor'),
    nearly(own),
    string({ unit: anyCharacter, maxLength: 12 }),
  );
  return oneof(
    nearly(own),
    array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    array(piece, { maxLength: 8 }).map((pieces) => pieces.join('; ')),
  );
}

/**
 * Whether a header has exactly one cookie of the name, with the right value. A semicolon always ends a
 * cookie.
 */
function holds(header: string, name: string, own: string): boolean {
  const named = [...header.matchAll(new RegExp(`(?:^|; ?)${name}=`, 'g'))];
  return named.length === 1 && new RegExp(`(?:^|; ?)${own}(?:;|$)`).test(header);
}

test('only a Cookie header with the exact cookie, once, is a session [T-SESSION-04]', async () => {
  const at = theSite();
  const before = await at.state();
  for (const { server, name, own } of servers()) {
    await check(
      asyncProperty(headers(name, own), async (header) => {
        const answer = await answerTo(server, header);
        const isOwn = holds(header, name, own);
        expect([200, 400]).toContain(answer.statusCode);
        expect(answer.headers['set-cookie']).toBeUndefined();
        if (answer.statusCode === 400)
          expect([answer.json().code, isOwn]).toEqual(['invalid-request', false]);
        else expect(answer.json().status).toBe(isOwn ? 'signed in' : 'signed out');
      }),
    );
  }
  expect(await at.state()).toEqual(before);
});

test('cookies with other names before or after it don’t hide the session [T-SESSION-06]', async () => {
  const legal = string({ unit: constantFrom(...'!#$%&*+-.^_`|~()/:<>?@[]{}"\\,abcXYZ019='), maxLength: 20 });
  for (const { server, name, own } of servers()) {
    const other = tuple(legal, legal)
      .map((parts) => parts.join('='))
      .filter((pair) => !pair.startsWith(`${name}=`));
    await check(
      asyncProperty(array(other, { maxLength: 6 }), array(other, { maxLength: 6 }), async (before, after) => {
        const answer = await answerTo(server, [...before, own, ...after].join('; '));
        expect(answer.json()).toMatchObject({ status: 'signed in', account: { username: 'ada' } });
      }),
    );
  }
});
