/** The attacker has two genuine tokens and a machine that never tires: none of what it makes of them is believed. */
import { asyncProperty, string } from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import { sharedSite } from '../support/site.ts';
import { introspect } from './introspection.ts';
import { anyText, mutationOf } from './mutation.ts';
import { check } from './property.ts';
import { expectRefusal } from './refused.ts';

const shared = sharedSite();
let person: Browser;
beforeAll(async () => {
  person = new Browser(shared());
  await person.logIn(ADA);
});

const ASSERTIONS = 'sso.client_assertion';
/** Refused as no token, as no JSON text, or as too large: never by a fault. */
const REFUSALS = [400, 401, 413];

test('an app believes no mutation of a good token, which stays good', async () => {
  const at = shared();
  const good = [await person.token(), await person.token()];
  const thief = new Browser(at);
  const before = at.state(ASSERTIONS);
  await check(
    asyncProperty(mutationOf(good), async (token) => {
      expectRefusal(await thief.redeem(at.foo, token), 'invalid-token');
    }),
  );
  expect(at.state(ASSERTIONS)).toEqual(before);
  for (const token of good) expect((await person.redeem(at.foo, token)).status).toBe(201);
});

test('the service knows no mutation of a good token, which stays good', async () => {
  const at = shared();
  const good = [await person.token(), await person.token()];
  const before = at.state(ASSERTIONS);
  await check(
    asyncProperty(
      mutationOf(good).filter((token) => token !== ''),
      async (token) => {
        const { status, text } = await introspect(at, token);
        expect([status, text]).toEqual([200, '{"active":false}']);
      },
    ),
    1000,
  );
  expect(at.state(ASSERTIONS)).toEqual(before);
  for (const token of good) expect((await introspect(at, token)).body).toMatchObject({ active: true });
});

test('any text is refused by an app without a fault', async () => {
  const at = shared();
  const before = at.state();
  await check(
    asyncProperty(anyText(4096), async (token) => {
      const answer = await new Browser(at).redeem(at.foo, token);
      expect(REFUSALS).toContain(answer.status);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }),
    1000,
  );
  expect(at.state()).toEqual(before);
});

test('any text is inactive to the service without a fault', async () => {
  const at = shared();
  const before = at.state(ASSERTIONS);
  await check(
    asyncProperty(anyText(4096), async (token) => {
      const { status, text } = await introspect(at, token);
      if (status === 200) expect(text).toBe('{"active":false}');
      else expect([400, 413]).toContain(status);
    }),
    1000,
  );
  expect(at.state(ASSERTIONS)).toEqual(before);
});

test('any halves of letters are refused without a fault', async () => {
  const at = shared();
  const before = at.state(ASSERTIONS);
  await check(
    asyncProperty(
      string({ unit: string({ minLength: 1, maxLength: 1 }).map((letter) => half(letter)), maxLength: 64 }),
      async (token) => {
        expect(REFUSALS).toContain((await new Browser(at).redeem(at.foo, token)).status);
      },
    ),
    300,
  );
  expect(at.state(ASSERTIONS)).toEqual(before);
});

/** A surrogate that has no other. */
const half = (letter: string) => String.fromCharCode(0xd800 + (letter.charCodeAt(0) % 0x800));
