/**
 * Clocks that differ between an app and the SSO service, and clocks that are set while both run. Up to 5 s
 * has no effect. A larger difference signs nobody in by mistake, ends no session, and has no effect after the
 * clocks are corrected.
 */

import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { GRACE } from '../support/browser.ts';
import { send } from '../support/http.ts';
import { type RunningSite, runningSite } from '../support/process-site.ts';
import { runProgram } from '../support/sso/run-program.ts';
import { temporaryFolder } from '../support/temporary-folder.fixture.ts';
import { expectIntegrity, expectTrueAuditTrail } from './invariants.ts';
import { setClock, withSettableClock } from './settable-clock.ts';

const NAMES = ['sso', 'foo'] as const;

type Clocks = Readonly<Record<(typeof NAMES)[number], number>>;

interface SiteWithClocks extends RunningSite {
  /** Sets the clocks of the SSO service and foo, in seconds from the true time. */
  set(clocks: Partial<Clocks>): Promise<void>;
}

async function siteWithClocks(): Promise<SiteWithClocks> {
  const folder = temporaryFolder();
  const fileOf = (name: string) => join(folder, `${name}.clock`);
  const environmentOf = (name: string) => withSettableClock(fileOf(name));
  const site = await runningSite({
    folder,
    environment: { sso: environmentOf('sso'), foo: environmentOf('foo') },
  });
  return {
    ...site,
    set: async (clocks) => {
      await Promise.all(NAMES.map((name) => setClock(site[name], fileOf(name), clocks[name] ?? 0)));
    },
  };
}

const [MINUTE_SECONDS, HOUR_SECONDS] = [60, 3600];

type Outcome = readonly [status: number, code: string | undefined, told: RegExp];
const FINE: Outcome = [201, undefined, /"status":201/];
/** The app finds the token expired, and logs its age: times in tokens are whole seconds. */
const LATE = (told: string): Outcome => [401, 'invalid-token', new RegExp(`issued (${told}) s ago`)];
/** The SSO service finds the app's client assertion expired. */
const EARLY = (told: string): Outcome => [503, 'sso-unavailable', new RegExp(`issued (${told}) s from now`)];
const [A_MINUTE, AN_HOUR] = ['5[89]|6[0-2]', '359[89]|360[0-2]'];

const TABLE: readonly [clocks: Partial<Clocks>, outcome: Outcome][] = [
  [{ foo: 4 }, FINE],
  [{ foo: -4 }, FINE],
  [{ foo: MINUTE_SECONDS }, LATE(A_MINUTE)],
  [{ foo: -MINUTE_SECONDS }, EARLY(A_MINUTE)],
  [{ sso: MINUTE_SECONDS }, EARLY(A_MINUTE)],
  [{ sso: -MINUTE_SECONDS }, LATE(A_MINUTE)],
  [{ foo: HOUR_SECONDS }, LATE(AN_HOUR)],
  [{ foo: -HOUR_SECONDS }, EARLY(AN_HOUR)],
  [{ sso: HOUR_SECONDS }, EARLY(AN_HOUR)],
  [{ sso: -HOUR_SECONDS }, LATE(AN_HOUR)],
  [{ sso: HOUR_SECONDS, foo: HOUR_SECONDS }, FINE],
  [{ sso: -HOUR_SECONDS, foo: -HOUR_SECONDS }, FINE],
];

test('clock skew is logged, signs nobody in wrongly, and has no lasting effect [T-OUTAGE-07]', async () => {
  const site = await siteWithClocks();
  const { foo } = site;
  const ada = site.person();
  await ada.logIn();
  for (const [clocks, [status, code, told]] of TABLE) {
    const which = JSON.stringify(clocks);
    const signedIn = ada.copyWithoutApps();
    expect((await signedIn.signInAt(foo)).status, `before ${which}`).toBe(201);
    await site.set(clocks);
    expect((await ada.loginStatus()).body, which).toMatchObject({ status: 'signed in' });
    const [logged, refused] = [foo.log().length, ada.copyWithoutApps()];
    const answer = await refused.signInAt(foo);
    expect([answer.status, answer.body['code']], which).toEqual([status, code]);
    expect(refused.cookies.has(foo), which).toBe(status === 201);
    await expect.poll(() => foo.log().slice(logged).join('\n'), { message: which }).toMatch(told);
    // An app session lasts half an hour.
    const isOver = (clocks.foo ?? 0) >= HOUR_SECONDS;
    expect((await signedIn.appSession(foo)).body['status'], which).toBe(isOver ? 'signed out' : 'signed in');
    await site.set({});
  }
  expect((await ada.copyWithoutApps().signInAt(foo)).status).toBe(201);
});

test('clocks set back by 1 h revive nothing, end no session, and keep nobody out [T-OUTAGE-06]', async () => {
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
  await expect
    .poll(async () => (await leaver.appSession(foo)).body, { timeout: 5000 })
    .toEqual({ status: 'signed out' });

  await site.set({ sso: -HOUR_SECONDS, foo: -HOUR_SECONDS });
  expect((await ada.loginStatus()).body).toMatchObject({ status: 'signed in' });
  expect((await ada.appSession(foo)).body).toMatchObject({ status: 'signed in' });
  expect((await leaver.loginStatus()).body).toEqual({ status: 'signed out' });
  expect((await leaver.appSession(foo)).body).toEqual({ status: 'signed out' });
  for (const token of [spent, late])
    expect((await ada.copyWithoutApps().redeem(foo, token)).status).toBe(401);
  // A token that wasn't redeemed before can still be redeemed once.
  const answers = [
    await ada.copyWithoutApps().redeem(foo, unspent),
    await ada.copyWithoutApps().redeem(foo, unspent),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 401]);
  // Throttling lasts 15 minutes at most, even after the clock was changed.
  expect((await guesser.logIn()).status).toBe(200);

  // A key whose `activeFrom` is in the future is published but doesn't sign.
  expect(await rotateKeys(site)).toMatchObject({ status: 0 });
  expect((await ada.copyWithoutApps().signInAt(foo)).status).toBe(201);
  // Logout tokens are sent at once, and the audit trail keeps the order of events.
  const elsewhere = ada.copyWithoutApps();
  await elsewhere.signInAt(foo);
  await ada.logOut();
  await expect
    .poll(async () => (await elsewhere.appSession(foo)).body, { timeout: 5000 })
    .toEqual({ status: 'signed out' });
  const trail = await runProgram('cli.ts', ['audit', '--json'], { SSO_DATABASE: site.databaseOf('sso') });
  const records = JSON.parse(trail.stdout) as { kind: string; at: string }[];
  expect(records.map(({ kind }) => kind).slice(-2)).toEqual(['session ended', 'logout delivered']);
  const first = records.find(({ kind }) => kind === 'session started');
  expect(Date.parse(records.at(-1)?.at ?? '')).toBeLessThan(Date.parse(first?.at ?? ''));
  expectIntegrity(site.databaseOf('sso'));
  expectTrueAuditTrail(site.databaseOf('sso'));

  await site.set({});
  expect((await ada.logIn()).status).toBe(200);
  await expect
    .poll(async () => (await ada.copyWithoutApps().signInAt(foo)).status, { timeout: 5000 })
    .toBe(201);
  expect((await send(sso, { path: '/readyz' })).status).toBe(200);
});

test('a session ends at its expiry even if the clock was set before', async () => {
  const site = await siteWithClocks();
  const { foo } = site;
  const ada = site.person();
  await ada.logIn();
  await ada.signInAt(foo);
  const app = async () => (await ada.appSession(foo)).body['status'];
  const there = async () => (await ada.loginStatus()).body['status'];
  // Setting the clocks back moves neither session's end.
  await site.set({ sso: -HOUR_SECONDS, foo: -HOUR_SECONDS });
  expect([await app(), await there()]).toEqual(['signed in', 'signed in']);
  await site.set({ foo: 29 * MINUTE_SECONDS, sso: 119 * MINUTE_SECONDS });
  expect(await app()).toBe('signed in');
  await site.set({ foo: 31 * MINUTE_SECONDS, sso: 119 * MINUTE_SECONDS });
  expect([await app(), await there()]).toEqual(['signed out', 'signed in']);
  // Step 2 counts as use: two idle hours after it the session is over for good.
  await site.set({ sso: (119 + 121) * MINUTE_SECONDS });
  expect(await there()).toBe('signed out');
  await expect.poll(() => countSessions(site)).toBe(0);
  await site.set({ sso: -HOUR_SECONDS });
  expect(await there()).toBe('signed out');
});

test('a client assertion is accepted once although the clock was set back since [T-OUTAGE-06]', async () => {
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

test('a logout token refused because of a clock is sent again and accepted later [T-OUTAGE-07]', async () => {
  const site = await siteWithClocks();
  const { sso, foo } = site;
  const ada = site.person();
  await ada.logIn();
  await ada.signInAt(foo);
  // The app accepts a logout token although its clock is a minute off.
  await site.set({ foo: -MINUTE_SECONDS });
  await ada.logOut();
  await expect
    .poll(async () => (await ada.appSession(foo)).body, { timeout: 5000 })
    .toEqual({ status: 'signed out' });
  await site.set({});
  await ada.logIn();
  await ada.signInAt(foo);
  await site.set({ foo: -HOUR_SECONDS });
  await ada.logOut();
  await expect.poll(() => sso.log().join('\n'), { timeout: 5000 }).toContain('logout not delivered');
  expect(foo.log().join('\n')).toContain('iat is too far from now');
  await site.set({});
  await expect
    .poll(async () => (await ada.appSession(foo)).body, { timeout: 15_000 })
    .toEqual({ status: 'signed out' });
});

/** Uses the command line, whose clock is right. */
function rotateKeys({ databaseOf }: SiteWithClocks) {
  return runProgram('cli.ts', ['key', 'rotate', '--now'], { SSO_DATABASE: databaseOf('sso') });
}

function countSessions({ databaseOf }: SiteWithClocks): unknown {
  const database = new Sqlite(databaseOf('sso'), { readonly: true });
  const count = database.prepare('SELECT count(*) FROM sso_session').pluck().get();
  database.close();
  return count;
}
