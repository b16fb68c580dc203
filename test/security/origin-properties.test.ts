/**
 * The attacker tries random origins, most of them similar to a registered one, from the browser of a
 * signed-in person. Any origin that doesn't equal a registered one byte for byte is refused in requests, in
 * preflights, and at an app.
 */
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import {
  type Arbitrary,
  asyncProperty,
  constantFrom,
  integer,
  oneof,
  pre,
  string,
  tuple,
  webUrl,
} from 'fast-check';
import type { LightMyRequestResponse } from 'fastify';
import { expect, test } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import { type Server, type Site, sharedSite } from '../support/site.ts';
import { anyCharacter, check } from './property.ts';

const theSite = sharedSite();

const anyText = string({ unit: anyCharacter, maxLength: 40 });
const fewLetters = oneof(
  string({
    unit: constantFrom(...'.:/@,*? %-\\"0123456789abcxyzFOOnull\t\u0000\u00a0\u212a\uff0e'),
    maxLength: 4,
  }),
  string({ unit: anyCharacter, maxLength: 2 }),
);

/** A registered origin with a piece removed or replaced. */
function nearly(registered: Arbitrary<string>): Arbitrary<string> {
  return tuple(registered, integer({ min: 0, max: 60 }), integer({ min: 0, max: 3 }), fewLetters).map(
    ([origin, at, cut, put]) => origin.slice(0, at) + put + origin.slice(at + cut),
  );
}

/** Other spellings, equal under a comparison that isn't byte for byte. */
function respelled(registered: Arbitrary<string>): Arbitrary<string> {
  const spellings: ((origin: string, at: number) => string)[] = [
    (origin, at) => origin.slice(0, at) + origin.slice(at).toUpperCase(),
    (origin, at) => origin.slice(0, at) + encodeURIComponent(origin.slice(at)),
    (origin, at) => origin.replaceAll(origin.charAt(at), (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    (origin, at) =>
      `${origin.slice(0, at)}${String.fromCodePoint(origin.charCodeAt(at) + 0xfee0)}${origin.slice(at + 1)}`,
    (origin, at) => origin.slice(0, at),
    (origin, at) => origin.slice(at),
    (origin, at) => `${origin}${origin.slice(at)}`,
    (origin, at) => `${origin}${' '.repeat(at)}`,
    (origin, at) => `${origin.slice(0, at)}\u200d${origin.slice(at)}`,
  ];
  return tuple(registered, constantFrom(...spellings), integer({ min: 0, max: 40 })).map(
    ([origin, spell, at]) => spell(origin, Math.min(at, origin.length - 1)),
  );
}

const listed = (registered: Arbitrary<string>) =>
  tuple(
    registered,
    constantFrom(',', ', ', ' ', ';', '\t', '\n', '\0', '|'),
    oneof(registered, webUrl(), anyText),
  ).map((parts) => parts.join(''));

function foreignOrigins({ sso, foo, lorem }: Site): Arbitrary<string> {
  const registered = constantFrom(foo.origin, lorem.origin, sso.origin);
  return oneof(anyText, webUrl(), nearly(registered), respelled(registered), listed(registered));
}

function refusal({ statusCode, headers, ...answer }: LightMyRequestResponse) {
  const names = Object.keys(headers).filter((name) => /^access-control-|^set-cookie$/.test(name));
  return { statusCode, code: answer.json().code, names };
}

const REFUSED = { statusCode: 403, code: 'origin-not-allowed', names: [] };

/** Ada's cookie, so that a request that isn't refused would have an effect. */
async function cookieAt(server: Server): Promise<string> {
  const ada = new Browser(theSite());
  await ada.signIn(ADA);
  return ada.cookies.get(server) ?? '';
}

test('only a registered origin is accepted at the cross-origin endpoint [T-ORIGIN-01]', async () => {
  const at = theSite();
  const cookie = await cookieAt(at.sso);
  const before = await at.state();
  const own = [at.foo.origin, at.lorem.origin];
  const { app } = at.sso;
  const url = SSO_PATHS.crossOrigin;
  const payload = { request: 'logout' };
  const logOut = (origin: string) =>
    app.inject({ method: 'POST', url, headers: { origin, cookie }, payload });
  await check(
    asyncProperty(foreignOrigins(at), async (origin) => {
      pre(!own.includes(origin));
      const preflight = { origin, 'access-control-request-method': 'POST' };
      expect(refusal(await logOut(origin))).toEqual(REFUSED);
      expect(refusal(await app.inject({ method: 'OPTIONS', url, headers: preflight }))).toEqual(REFUSED);
    }),
  );
  expect(await at.state()).toEqual(before);
  await logOut(at.foo.origin);
  expect(await at.state()).not.toEqual(before);
});

test('an app accepts only its own origin [T-ORIGIN-06]', async () => {
  const at = theSite();
  const cookie = await cookieAt(at.foo);
  const url = APP_PATHS.session;
  const signOut = (origin: string) =>
    at.foo.app.inject({ method: 'DELETE', url, headers: { origin, cookie } });
  const before = await at.state();
  await check(
    asyncProperty(foreignOrigins(at), async (origin) => {
      pre(origin !== at.foo.origin);
      expect(refusal(await signOut(origin))).toEqual(REFUSED);
    }),
  );
  expect(await at.state()).toEqual(before);
  await signOut(at.foo.origin);
  expect(await at.state()).not.toEqual(before);
});
