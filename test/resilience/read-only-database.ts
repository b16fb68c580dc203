/**
 * Expectations while a database can be read but not written: readiness fails within a second, requests that
 * need a write get the documented problem within a second, and all others succeed. Also expectations after
 * the recovery.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Browser, Party } from '../support/browser.ts';
import { type Answer, send } from '../support/http.ts';
import type { RunningSite } from '../support/process-site.ts';
import { expectIntegrity, expectTrueAuditTrail } from './invariants.ts';

/** The documented limit for reporting a failed database. */
const MAX_RESPONSE_MS = 1000;
/** The documented limit for step 4, which waits for the SSO service. */
const MAX_STEP_4_MS = 5000;

const UNAVAILABLE = [503, 'unavailable'];

export const withinOneSecond = (response: Promise<Answer>) => within(MAX_RESPONSE_MS, response);
export const withinStep4 = (response: Promise<Answer>) => within(MAX_STEP_4_MS, response);

/** @throws {Error} without a response in time */
async function within(milliseconds: number, response: Promise<Answer>): Promise<Answer> {
  const settled = await Promise.race([response, pause(milliseconds, null, { ref: false })]);
  if (settled === null) throw new Error(`no response within ${milliseconds} ms`);
  return settled;
}

export const healthOf = async (party: Party): Promise<number[]> => {
  const responses = ['/livez', '/readyz'].map((path) => withinOneSecond(send(party, { path })));
  return (await Promise.all(responses)).map(({ status }) => status);
};

export const outcomeOf = ({ status, body }: Answer) => [status, body['code']];

export type SignedInPerson = Awaited<ReturnType<typeof signInPerson>>;

/** A person who is signed in at the SSO service and at foo, with tokens that weren't redeemed. */
export async function signInPerson({ person: newPerson, foo, ipsum }: RunningSite) {
  const person = newPerson();
  await person.logIn();
  expect((await person.signInAt(foo)).status).toBe(201);
  return { person, tokens: { foo: await person.token(foo), ipsum: await person.token(ipsum) } };
}

export async function expectSsoToRefuse(
  { sso, foo, ipsum }: RunningSite,
  { person, tokens }: SignedInPerson,
): Promise<void> {
  expect(outcomeOf(await withinOneSecond(person.authenticationToken(foo)))).toEqual(UNAVAILABLE);
  expect(await healthOf(sso)).toEqual([200, 503]);
  expect((await withinOneSecond(person.loginStatus())).body).toMatchObject({ status: 'signed in' });
  expect(outcomeOf(await withinOneSecond(person.logOut()))).toEqual(UNAVAILABLE);
  expect((await withinOneSecond(ipsum.introspect(sso, tokens.ipsum))).status).toBe(503);
  expect(outcomeOf(await withinStep4(person.copyWithoutApps().redeem(foo, tokens.foo)))).toEqual([
    503,
    'sso-unavailable',
  ]);
  expect((await withinOneSecond(person.appSession(foo))).body).toMatchObject({ status: 'signed in' });
}

/** Refused requests had no effect, and everything works again without a restart. */
export async function expectSsoToRecover(
  { sso, foo, ipsum, databaseOf }: RunningSite,
  { person, tokens }: SignedInPerson,
): Promise<void> {
  await expect.poll(() => healthOf(sso), { timeout: 5000 }).toEqual([200, 200]);
  expect((await person.loginStatus()).body).toMatchObject({ status: 'signed in' });
  expect((await ipsum.introspect(sso, tokens.ipsum)).body).toMatchObject({ active: true });
  expect((await person.copyWithoutApps().redeem(foo, tokens.foo)).status).toBe(201);
  expect((await ipsum.introspect(sso, tokens.ipsum)).body).toEqual({ active: false });
  expectIntegrity(databaseOf('sso'));
  expectTrueAuditTrail(databaseOf('sso'));
}

export async function expectAppToRefuse({ foo }: RunningSite, person: Browser): Promise<void> {
  const refused = await withinStep4(person.copyWithoutApps().signInAt(foo));
  expect([outcomeOf(refused), refused.headers['set-cookie'] ?? []]).toEqual([UNAVAILABLE, []]);
  expect(await healthOf(foo)).toEqual([200, 503]);
  expect(outcomeOf(await withinOneSecond(person.signOutAt(foo)))).toEqual(UNAVAILABLE);
  expect((await withinOneSecond(person.appSession(foo))).body).toMatchObject({ status: 'signed in' });
}

export async function expectAppToRecover({ foo, databaseOf }: RunningSite, person: Browser): Promise<void> {
  await expect.poll(() => healthOf(foo), { timeout: 5000 }).toEqual([200, 200]);
  expect((await person.copyWithoutApps().signInAt(foo)).status).toBe(201);
  expectIntegrity(databaseOf('foo'));
}
