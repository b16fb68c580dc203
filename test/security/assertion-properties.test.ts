/**
 * The attacker has two genuine, unused client assertions and mutates them at random. No mutation
 * authenticates an app.
 */

import { CLIENT_ASSERTION_TYPE, SSO_PATHS } from '@samesite-sso/protocol';
import { array, asyncProperty, constantFrom, oneof, pre, tuple, uint8Array } from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import { FORM, postForm, send } from '../support/http.ts';
import { sharedSite } from '../support/site.ts';
import { assertionOf, formOf, introspect } from './introspect.ts';
import { anyText, mutationOf } from './mutation.ts';
import { check } from './property.ts';

const shared = sharedSite();
const path = SSO_PATHS.introspection;
let token: string;
beforeAll(async () => {
  const person = new Browser(shared());
  await person.logIn(ADA);
  token = await person.token();
  // From here on, the service has foo's keys.
  await introspect(shared(), 'junk');
});

/** Base64url can encode the same signature in several ways. */
function isSame(one: string, other: string): boolean {
  const [header, claims, signature, ...more] = one.split('.');
  const [otherHeader, otherClaims, otherSignature] = other.split('.');
  const bytes = [signature, otherSignature].map((text) =>
    Buffer.from(text ?? '', 'base64url').toString('hex'),
  );
  return header === otherHeader && claims === otherClaims && bytes[0] === bytes[1] && more.length === 0;
}

test('no mutated client assertion is accepted, and the original stays valid [T-CLIENT-07]', async () => {
  const at = shared();
  const good = [assertionOf(at, at.foo), assertionOf(at, at.foo)];
  const before = await at.state();
  await check(
    asyncProperty(mutationOf(good), async (mutated) => {
      pre(!good.some((each) => isSame(mutated, each)));
      const { status, text } = await postForm(at.sso, path, formOf(token, mutated));
      expect([status, text]).toEqual([401, '{"error":"invalid_client"}']);
    }),
  );
  expect(await at.state()).toEqual(before);
  for (const each of good) expect((await postForm(at.sso, path, formOf('junk', each))).status).toBe(200);
});

const name = oneof(
  constantFrom(
    'token',
    'client_assertion',
    'client_assertion_type',
    'client_id',
    '__proto__',
    'constructor',
    '',
  ),
  anyText(20),
);
const value = oneof(constantFrom(CLIENT_ASSERTION_TYPE, 'e30.e30.', '.', '..'), anyText(200));

test('no form authenticates an app without a client assertion [T-CLIENT-07]', async () => {
  const at = shared();
  const before = await at.state();
  const forms = array(tuple(name, value), { maxLength: 8 });
  await check(
    asyncProperty(forms, async (pairs) => {
      const form = new URLSearchParams([...pairs, ['token', token]]).toString();
      expect([401, 413]).toContain((await postForm(at.sso, path, form)).status);
    }),
  );
  expect(await at.state()).toEqual(before);
});

test('random bytes authenticate no app and cause no internal error [T-CLIENT-07]', async () => {
  const at = shared();
  const before = await at.state();
  await check(
    asyncProperty(uint8Array({ maxLength: 5000, size: 'max' }), async (bytes) => {
      const answer = await send(at.sso, { method: 'POST', path, headers: FORM, body: Buffer.from(bytes) });
      expect([401, 413]).toContain(answer.status);
    }),
  );
  expect(await at.state()).toEqual(before);
});

test('additional form fields never make the service introspect another token [T-CLIENT-07]', async () => {
  const at = shared();
  const before = await at.state('sso.client_assertion');
  const more = array(tuple(anyText(12), anyText(60)), { maxLength: 4 });
  await check(
    asyncProperty(more, async (pairs) => {
      const asked = Object.entries(formOf('junk', assertionOf(at, at.foo)));
      const { status, text } = await postForm(
        at.sso,
        path,
        new URLSearchParams([...pairs, ...asked]).toString(),
      );
      if (status === 200) expect(text).toBe('{"active":false}');
      else expect([400, 401, 413]).toContain(status);
    }),
  );
  expect(await at.state('sso.client_assertion')).toEqual(before);
  expect((await introspect(at, token)).body).toMatchObject({ active: true });
});
