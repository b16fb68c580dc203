/**
 * What must hold while a database can be read and not written: health is told at once, whoever needs a write is refused
 * at once and in the contract's words, and whoever does not is served. And what must hold afterwards.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Browser, Party } from '../support/browser.ts';
import type { Answer } from '../support/http.ts';
import { send } from '../support/http.ts';
import type { RunningSite } from '../support/process-site.ts';
import { isSound, tellsWhatIs } from './invariants.ts';

/** Milliseconds within which anything is to be told. */
const AT_ONCE = 1000;
/** And step 4, for which an app may wait for the SSO service. */
const STEP_4 = 5000;

const UNAVAILABLE = [503, 'unavailable'];

/** @throws {Error} when it is not answered within a second */
export const atOnce = (answer: Promise<Answer>) => within(AT_ONCE, answer);

/** @throws {Error} when it is not answered within the five seconds of the contract */
export const inTime = (answer: Promise<Answer>) => within(STEP_4, answer);

async function within(milliseconds: number, answer: Promise<Answer>): Promise<Answer> {
  const late = new AbortController();
  const settled = await Promise.race([answer, pause(milliseconds, null, { signal: late.signal })]);
  late.abort();
  if (settled === null) throw new Error(`no answer within ${milliseconds} ms`);
  return settled;
}

export const healthOf = async (party: Party): Promise<number[]> => {
  const answers = ['/livez', '/readyz'].map((path) => atOnce(send(party, { path })));
  return (await Promise.all(answers)).map(({ status }) => status);
};

export const outcomeOf = ({ status, body }: Answer) => [status, body['code']];

/** Somebody who is signed in at the SSO service and at foo, and tokens that nobody has redeemed yet. */
export interface Bystander {
  person: Browser;
  tokens: { foo: string; ipsum: string };
}

export async function bystander({ person: newPerson, foo, ipsum }: RunningSite): Promise<Bystander> {
  const person = newPerson();
  await person.logIn();
  expect((await person.signInAt(foo)).status).toBe(201);
  return { person, tokens: { foo: await person.token(foo), ipsum: await person.token(ipsum) } };
}

export async function expectSsoToRefuse(
  { sso, foo, ipsum }: RunningSite,
  { person, tokens }: Bystander,
): Promise<void> {
  expect(outcomeOf(await atOnce(person.authenticationToken(foo)))).toEqual(UNAVAILABLE);
  expect(await healthOf(sso)).toEqual([200, 503]);
  expect((await atOnce(person.loginStatus())).body).toMatchObject({ status: 'signed in' });
  expect(outcomeOf(await atOnce(person.logOut()))).toEqual(UNAVAILABLE);
  expect((await atOnce(ipsum.introspect(sso, tokens.ipsum))).status).toBe(503);
  expect(outcomeOf(await inTime(person.copyWithoutApps().redeem(foo, tokens.foo)))).toEqual([
    503,
    'sso-unavailable',
  ]);
  expect((await atOnce(person.appSession(foo))).body).toMatchObject({ status: 'signed in' });
}

/** Nothing happened of what was refused, and everything can be done again, without a restart. */
export async function expectSsoToRecover(
  { sso, foo, ipsum, databaseOf }: RunningSite,
  { person, tokens }: Bystander,
): Promise<void> {
  await expect.poll(() => healthOf(sso), { timeout: 5000 }).toEqual([200, 200]);
  expect((await person.loginStatus()).body).toMatchObject({ status: 'signed in' });
  expect((await ipsum.introspect(sso, tokens.ipsum)).body).toMatchObject({ active: true });
  expect((await person.copyWithoutApps().redeem(foo, tokens.foo)).status).toBe(201);
  expect((await ipsum.introspect(sso, tokens.ipsum)).body).toEqual({ active: false });
  isSound(databaseOf('sso'));
  tellsWhatIs(databaseOf('sso'));
}

export async function expectAppToRefuse({ foo }: RunningSite, person: Browser): Promise<void> {
  const refused = await inTime(person.copyWithoutApps().signInAt(foo));
  expect([outcomeOf(refused), refused.headers['set-cookie'] ?? []]).toEqual([UNAVAILABLE, []]);
  expect(await healthOf(foo)).toEqual([200, 503]);
  expect(outcomeOf(await atOnce(person.signOutAt(foo)))).toEqual(UNAVAILABLE);
  expect((await atOnce(person.appSession(foo))).body).toMatchObject({ status: 'signed in' });
}

export async function expectAppToRecover({ foo, databaseOf }: RunningSite, person: Browser): Promise<void> {
  await expect.poll(() => healthOf(foo), { timeout: 5000 }).toEqual([200, 200]);
  expect((await person.copyWithoutApps().signInAt(foo)).status).toBe(201);
  isSound(databaseOf('foo'));
}
