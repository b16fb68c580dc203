/**
 * What must hold while a database can be read and not written: health is told at once, whoever needs a write is refused
 * at once and in the contract's words, and whoever does not is served. And what must hold afterwards.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Answer, ask } from './answer.ts';
import { isSound, tellsWhatIs } from './invariants.ts';
import type { Party, Person } from './person.ts';
import type { RunningSite } from './site.ts';

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
  const answers = ['/livez', '/readyz'].map((path) => atOnce(ask(party.address + path)));
  return (await Promise.all(answers)).map(({ status }) => status);
};

export const outcomeOf = ({ status, body }: Answer) => [status, body['code']];

/** Somebody who is signed in at the SSO service and at foo, and tokens that nobody has redeemed yet. */
export interface Bystander {
  person: Person;
  tokens: { foo: string; ipsum: string };
}

/** The same browser, but never at an app: who signs in with a cookie ends its session. */
export function newcomer(person: Person): Person {
  const copy = person.copy();
  copy.appCookies.clear();
  return copy;
}

export async function bystander({ person: newPerson, foo, ipsum }: RunningSite): Promise<Bystander> {
  const person = newPerson();
  await person.logIn();
  expect((await person.signInAt(foo)).status).toBe(201);
  const tokenFor = async (app: Party) => String((await person.token(app)).body['token']);
  return { person, tokens: { foo: await tokenFor(foo), ipsum: await tokenFor(ipsum) } };
}

export async function expectSsoToRefuse(
  { sso, foo, ipsum }: RunningSite,
  { person, tokens }: Bystander,
): Promise<void> {
  expect(outcomeOf(await atOnce(person.token(foo)))).toEqual(UNAVAILABLE);
  expect(await healthOf(sso)).toEqual([200, 503]);
  expect((await atOnce(person.status())).body).toMatchObject({ status: 'signed in' });
  expect(outcomeOf(await atOnce(person.logOut()))).toEqual(UNAVAILABLE);
  expect((await atOnce(ipsum.introspect(sso, tokens.ipsum))).status).toBe(503);
  expect(outcomeOf(await inTime(newcomer(person).redeemAt(foo, tokens.foo)))).toEqual([
    503,
    'sso-unavailable',
  ]);
  expect((await atOnce(person.sessionAt(foo))).body).toMatchObject({ status: 'signed in' });
}

/** Nothing happened of what was refused, and everything can be done again, without a restart. */
export async function expectSsoToRecover(
  { sso, foo, ipsum, databaseOf }: RunningSite,
  { person, tokens }: Bystander,
): Promise<void> {
  await expect.poll(() => healthOf(sso), { timeout: 5000 }).toEqual([200, 200]);
  expect((await person.status()).body).toMatchObject({ status: 'signed in' });
  expect((await ipsum.introspect(sso, tokens.ipsum)).body).toMatchObject({ active: true });
  expect((await newcomer(person).redeemAt(foo, tokens.foo)).status).toBe(201);
  expect((await ipsum.introspect(sso, tokens.ipsum)).body).toEqual({ active: false });
  isSound(databaseOf('sso'));
  tellsWhatIs(databaseOf('sso'));
}

export async function expectAppToRefuse({ foo }: RunningSite, person: Person): Promise<void> {
  const refused = await inTime(newcomer(person).signInAt(foo));
  expect([outcomeOf(refused), refused.headers.getSetCookie()]).toEqual([UNAVAILABLE, []]);
  expect(await healthOf(foo)).toEqual([200, 503]);
  expect(outcomeOf(await atOnce(person.signOutAt(foo)))).toEqual(UNAVAILABLE);
  expect((await atOnce(person.sessionAt(foo))).body).toMatchObject({ status: 'signed in' });
}

export async function expectAppToRecover({ foo, databaseOf }: RunningSite, person: Person): Promise<void> {
  await expect.poll(() => healthOf(foo), { timeout: 5000 }).toEqual([200, 200]);
  expect((await newcomer(person).signInAt(foo)).status).toBe(201);
  isSound(databaseOf('foo'));
}
