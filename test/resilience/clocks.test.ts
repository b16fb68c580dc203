/**
 * Clocks that differ between an app and the SSO service, and clocks that are set while both run. Up to 5 s nobody notices;
 * beyond, nobody is let in by mistake, nobody loses what they have, and it is over when the clocks are right.
 */
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { GRACE } from '../support/browser.ts';
import { send } from '../support/http.ts';
import { runProgram } from '../support/sso/run-program.ts';
import { type Clocks, type SiteWithClocks, siteWithClocks } from './clocks.ts';
import { isSound, tellsWhatIs } from './invariants.ts';

const [MINUTE, HOUR] = [60, 3600];

type Outcome = readonly [status: number, code: string | undefined, told: RegExp];
const FINE: Outcome = [201, undefined, /"status":201/];
/** The app itself finds the token long expired, and says by how much; to a second, at which tokens are cut off. */
const LATE = (told: string): Outcome => [401, 'invalid-token', new RegExp(`issued (${told}) s ago`)];
/** The SSO service finds the app's proof of itself long expired. */
const EARLY = (told: string): Outcome => [503, 'sso-unavailable', new RegExp(`issued (${told}) s from now`)];
const [A_MINUTE, AN_HOUR] = ['5[89]|6[0-2]', '359[89]|360[0-2]'];

const TABLE: readonly [clocks: Partial<Clocks>, outcome: Outcome][] = [
  [{ foo: 4 }, FINE],
  [{ foo: -4 }, FINE],
  [{ foo: MINUTE }, LATE(A_MINUTE)],
  [{ foo: -MINUTE }, EARLY(A_MINUTE)],
  [{ sso: MINUTE }, EARLY(A_MINUTE)],
  [{ sso: -MINUTE }, LATE(A_MINUTE)],
  [{ foo: HOUR }, LATE(AN_HOUR)],
  [{ foo: -HOUR }, EARLY(AN_HOUR)],
  [{ sso: HOUR }, EARLY(AN_HOUR)],
  [{ sso: -HOUR }, LATE(AN_HOUR)],
  [{ sso: HOUR, foo: HOUR }, FINE],
  [{ sso: -HOUR, foo: -HOUR }, FINE],
];

test('clocks that differ let nobody in by mistake, tell the operator, and leave no trace once they are right', async () => {
  const site = await siteWithClocks();
  const { foo } = site;
  const ada = site.person();
  await ada.logIn();
  for (const [clocks, [status, code, told]] of TABLE) {
    const which = JSON.stringify(clocks);
    const settled = ada.copyWithoutApps();
    expect((await settled.signInAt(foo)).status, `before ${which}`).toBe(201);
    await site.set(clocks);
    expect((await ada.loginStatus()).body, which).toMatchObject({ status: 'signed in' });
    const [logged, refused] = [foo.log().length, ada.copyWithoutApps()];
    const answer = await refused.signInAt(foo);
    expect([answer.status, answer.body['code']], which).toEqual([status, code]);
    expect(refused.cookies.has(foo), which).toBe(status === 201);
    await expect.poll(() => foo.log().slice(logged).join('\n'), { message: which }).toMatch(told);
    // What lives for half an hour is over in an hour, and not before.
    const isOver = (clocks.foo ?? 0) >= HOUR;
    expect((await settled.appSession(foo)).body['status'], which).toBe(isOver ? 'signed out' : 'signed in');
    await site.set({});
  }
  expect((await ada.copyWithoutApps().signInAt(foo)).status).toBe(201);
});

test('clocks that are set back by an hour make nothing good again, end nothing, and keep nobody out', async () => {
  const site = await siteWithClocks();
  const { sso, foo } = site;
  const ada = site.person();
  await ada.logIn();
  const [spent, unspent] = [await ada.token(foo), await ada.token(foo)];
  expect((await ada.redeem(foo, spent)).status).toBe(201);
  const leaver = site.person();
  await leaver.logIn();
  await leaver.signInAt(foo);
  const [ssoCookie, late] = [leaver.cookies.get(sso) ?? '', await leaver.token(foo)];
  await leaver.logOut();
  leaver.cookies.set(sso, ssoCookie);
  const guesser = site.person(GRACE);
  for (let guess = 0; guess < 10; guess += 1)
    expect((await guesser.logIn({ password: 'a guess' })).status).toBe(401);
  expect((await guesser.logIn()).status).toBe(429);
  await expect.poll(async () => (await leaver.appSession(foo)).body).toEqual({ status: 'signed out' });

  await site.set({ sso: -HOUR, foo: -HOUR });
  expect((await ada.loginStatus()).body).toMatchObject({ status: 'signed in' });
  expect((await ada.appSession(foo)).body).toMatchObject({ status: 'signed in' });
  expect((await leaver.loginStatus()).body).toEqual({ status: 'signed out' });
  expect((await leaver.appSession(foo)).body).toEqual({ status: 'signed out' });
  for (const token of [spent, late])
    expect((await ada.copyWithoutApps().redeem(foo, token)).status).toBe(401);
  // One that nobody has used is good for one, still.
  const answers = [
    await ada.copyWithoutApps().redeem(foo, unspent),
    await ada.copyWithoutApps().redeem(foo, unspent),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 401]);
  // Whoever is throttled is so for a quarter of an hour at most, whatever the clock says.
  expect((await guesser.logIn()).status).toBe(200);

  // A key that signs from a time that has not come yet stands back, and is published all the same.
  expect(await keyRotated(site)).toMatchObject({ status: 0 });
  expect((await ada.copyWithoutApps().signInAt(foo)).status).toBe(201);
  // A logout is told at once, as ever, and the trail tells in the order of what happened.
  const elsewhere = ada.copyWithoutApps();
  await elsewhere.signInAt(foo);
  await ada.logOut();
  await expect
    .poll(async () => (await elsewhere.appSession(foo)).body, { timeout: 5000 })
    .toEqual({ status: 'signed out' });
  const trail = await runProgram('cli.ts', ['audit', '--json'], { SSO_DATABASE: site.databaseOf('sso') });
  const records = JSON.parse(trail.stdout) as { kind: string; at: string }[];
  expect(records.map(({ kind }) => kind).slice(-2)).toEqual(['session ended', 'logout delivered']);
  expect(Date.parse(records.at(-1)?.at ?? '')).toBeLessThan(Date.parse(records[0]?.at ?? ''));
  isSound(site.databaseOf('sso'));
  tellsWhatIs(site.databaseOf('sso'));

  await site.set({});
  expect((await ada.logIn()).status).toBe(200);
  await expect
    .poll(async () => (await ada.copyWithoutApps().signInAt(foo)).status, { timeout: 5000 })
    .toBe(201);
  expect((await send(sso, { path: '/readyz' })).status).toBe(200);
});

test('a session ends at the time it was to end, however the clock came to it', async () => {
  const site = await siteWithClocks();
  const { foo } = site;
  const ada = site.person();
  await ada.logIn();
  await ada.signInAt(foo);
  const app = async () => (await ada.appSession(foo)).body['status'];
  const there = async () => (await ada.loginStatus()).body['status'];
  // Set back meanwhile, and looked at: that moves neither end.
  await site.set({ sso: -HOUR, foo: -HOUR });
  expect([await app(), await there()]).toEqual(['signed in', 'signed in']);
  await site.set({ foo: 29 * MINUTE, sso: 119 * MINUTE });
  expect(await app()).toBe('signed in');
  await site.set({ foo: 31 * MINUTE, sso: 119 * MINUTE });
  expect([await app(), await there()]).toEqual(['signed out', 'signed in']);
  // Use at that time counts as use, and two idle hours later it is over for good.
  await site.set({ sso: (119 + 121) * MINUTE });
  expect(await there()).toBe('signed out');
  await expect.poll(() => livingSessions(site)).toBe(0);
  await site.set({ sso: -HOUR });
  expect(await there()).toBe('signed out');
});

test('an assertion is accepted once, although the clock was set back since', async () => {
  const site = await siteWithClocks();
  const { sso, ipsum } = site;
  const ada = site.person();
  await ada.logIn();
  const [first, second] = [await ada.token(ipsum), await ada.token(ipsum)];
  const assertion = await ipsum.clientAssertion(sso);
  expect((await ipsum.introspect(sso, first, assertion)).body).toMatchObject({ active: true });
  await site.set({ sso: -20 });
  expect((await ipsum.introspect(sso, second, assertion)).status).toBe(401);
  expect((await ipsum.introspect(sso, second)).body).toMatchObject({ active: true });
});

test('a logout that an app refuses for its clock is told again, and reaches it when the clocks agree', async () => {
  const site = await siteWithClocks();
  const { sso, foo } = site;
  const ada = site.person();
  await ada.logIn();
  await ada.signInAt(foo);
  // A minute is no obstacle.
  await site.set({ foo: -MINUTE });
  await ada.logOut();
  await expect
    .poll(async () => (await ada.appSession(foo)).body, { timeout: 5000 })
    .toEqual({ status: 'signed out' });
  await site.set({});
  await ada.logIn();
  await ada.signInAt(foo);
  await site.set({ foo: -HOUR });
  await ada.logOut();
  await expect.poll(() => sso.log().join('\n'), { timeout: 5000 }).toContain('logout not delivered');
  expect(foo.log().join('\n')).toContain('iat is too far from now');
  await site.set({});
  await expect
    .poll(async () => (await ada.appSession(foo)).body, { timeout: 15_000 })
    .toEqual({ status: 'signed out' });
});

/** By the command line, whose clock is right. */
function keyRotated({ databaseOf }: SiteWithClocks) {
  return runProgram('cli.ts', ['key', 'rotate', '--now'], { SSO_DATABASE: databaseOf('sso') });
}

function livingSessions({ databaseOf }: SiteWithClocks): unknown {
  const database = new Sqlite(databaseOf('sso'), { readonly: true });
  const count = database.prepare('SELECT count(*) FROM sso_session').pluck().get();
  database.close();
  return count;
}
