/** The attacker has two genuine tokens and mutates them at random. No mutation is accepted. */
import { asyncProperty, string } from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import { sharedSite } from '../support/site.ts';
import { expectRefusal } from './expect-refusal.ts';
import { introspect } from './introspect.ts';
import { anyText, mutationOf } from './mutation.ts';
import { check } from './property.ts';

const shared = sharedSite();
let person: Browser;
beforeAll(async () => {
  person = new Browser(shared());
  await person.logIn(ADA);
});

const ASSERTIONS = 'sso.client_assertion';
/** Invalid token, invalid request, or too large, but no internal error. */
const REFUSALS = [400, 401, 413];

test('an app accepts no mutation of a valid token, which stays valid [T-TOKEN-15]', async () => {
  const at = shared();
  const good = [await person.token(), await person.token()];
  const thief = new Browser(at);
  const before = await at.state(ASSERTIONS);
  await check(
    asyncProperty(mutationOf(good), async (token) => {
      expectRefusal(await thief.redeem(at.foo, token), 'invalid-token');
    }),
  );
  expect(await at.state(ASSERTIONS)).toEqual(before);
  for (const token of good) expect((await person.redeem(at.foo, token)).status).toBe(201);
});

test('the SSO service accepts no mutation of a valid token, which stays valid [T-TOKEN-15]', async () => {
  const at = shared();
  const good = [await person.token(), await person.token()];
  const before = await at.state(ASSERTIONS);
  await check(
    asyncProperty(
      mutationOf(good).filter((token) => token !== ''),
      async (token) => {
        const { status, text } = await introspect(at, token);
        expect([status, text]).toEqual([200, '{"active":false}']);
      },
    ),
  );
  expect(await at.state(ASSERTIONS)).toEqual(before);
  for (const token of good) expect((await introspect(at, token)).body).toMatchObject({ active: true });
});

test('an app refuses random text without an internal error [T-TOKEN-15]', async () => {
  const at = shared();
  const before = await at.state();
  await check(
    asyncProperty(anyText(4096), async (token) => {
      const answer = await new Browser(at).redeem(at.foo, token);
      expect(REFUSALS).toContain(answer.status);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }),
  );
  expect(await at.state()).toEqual(before);
});

test('random text is inactive at the SSO service without an internal error [T-TOKEN-15]', async () => {
  const at = shared();
  const before = await at.state(ASSERTIONS);
  await check(
    asyncProperty(anyText(4096), async (token) => {
      const { status, text } = await introspect(at, token);
      if (status === 200) expect(text).toBe('{"active":false}');
      else expect([400, 413]).toContain(status);
    }),
  );
  expect(await at.state(ASSERTIONS)).toEqual(before);
});

test('lone surrogates are refused without an internal error', async () => {
  const at = shared();
  const before = await at.state(ASSERTIONS);
  await check(
    asyncProperty(
      string({ unit: string({ minLength: 1, maxLength: 1 }).map((letter) => half(letter)), maxLength: 64 }),
      async (token) => {
        expect(REFUSALS).toContain((await new Browser(at).redeem(at.foo, token)).status);
      },
    ),
  );
  expect(await at.state(ASSERTIONS)).toEqual(before);
});

/** A lone surrogate. */
const half = (letter: string) => String.fromCharCode(0xd800 + (letter.charCodeAt(0) % 0x800));
