/** The delivery of sign-outs to the SSO service, with few requests while the SSO service fails. */
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { openKeyRing } from '@samesite-sso/core';
import { expect, it, onTestFinished } from 'vitest';
import { keysBeside } from '../../../test/support/keys-beside.ts';
import { localServer } from '../../../test/support/local-server.fixture.ts';
import { AppSessions } from './app-sessions.ts';
import { ACCOUNT, newDatabase, ORIGIN, SSO_ORIGIN } from './seeded-session.fixture.ts';
import { SignOutDelivery } from './sign-out-delivery.ts';
import { SsoClient } from './sso-client.ts';
import { CLAIM_MS } from './storage/app-store.ts';
import { openSqliteStore } from './storage/sqlite/open-store.ts';

const HOUR_MS = 3_600_000;

/** An app's database with recorded sign-outs, and an SSO service that responds with this status. */
async function signedOut(count: number, status = 200) {
  const file = newDatabase();
  const time = { now: Date.now() };
  const clock = () => time.now;
  const delivered: string[] = [];
  /** When each attempt began, which is before its request leaves. */
  const triedAt: number[] = [];
  const answer = { status, isHeld: false };
  const { url } = await localServer(async (request, response) => {
    delivered.push(new URLSearchParams(await text(request)).get('sid') ?? '');
    if (!answer.isHeld) response.writeHead(answer.status).end('{}');
  });
  const keys = await openKeyRing(keysBeside(file));
  /** The objects of one process. */
  const open = () => {
    const store = openSqliteStore(file);
    onTestFinished(() => store.close());
    const lines: string[] = [];
    const log = { warn: (about: object) => void lines.push(JSON.stringify(about)) };
    const client = new SsoClient({ origin: ORIGIN, ssoOrigin: SSO_ORIGIN, ssoServerUrl: url }, keys, clock);
    const signOuts: typeof store.signOuts = {
      ...store.signOuts,
      claim: (...args) => {
        triedAt.push(performance.now());
        return store.signOuts.claim(...args);
      },
    };
    const delivery = new SignOutDelivery({ signOuts, client, clock, log });
    onTestFinished(() => delivery.stop());
    const sessions = new AppSessions(store, clock, 1800);
    const claim = () => store.signOuts.claim(16, clock());
    return { store, delivery, claim, isPending: () => store.signOuts.isPending(clock()), sessions, lines };
  };
  const process = open();
  const signOut = async (sid: string) => {
    const times = { tokenIssuedAt: time.now, authenticatedAt: time.now, ssoEndsAt: time.now + 12 * HOUR_MS };
    const signIn = { account: ACCOUNT, sid, amr: ['pwd'] as ['pwd'], groups: [], ...times };
    const { sessionToken } = await process.sessions.start(signIn, null);
    await process.sessions.end(sessionToken, 'site');
  };
  const sids = Array.from({ length: count }, (_, index) => `s${index}`);
  for (const sid of sids) await signOut(sid);
  return { ...process, open, signOut, sids, delivered, triedAt, answer, time };
}

it('each of many sign-outs is delivered once', async () => {
  const { delivery, isPending, sids, delivered } = await signedOut(40);
  delivery.wake();
  await expect.poll(isPending).toBe(false);
  expect(delivered.toSorted()).toEqual(sids.toSorted());
  delivery.wake();
  await delivery.stop();
  expect(delivered).toHaveLength(40);
});

it('each sign-out is delivered once by several processes that start at the same time', async () => {
  const { delivery, isPending, open, sids, delivered } = await signedOut(40);
  const others = [open(), open()];
  for (const each of [delivery, ...others.map((other) => other.delivery)]) each.wake();
  await expect.poll(isPending).toBe(false);
  expect(delivered.toSorted()).toEqual(sids.toSorted());
});

it('a failing SSO service gets one request at a time and finally every sign-out [T-SIGNOUT-08]', async () => {
  const { delivery, isPending, sids, delivered, answer, lines } = await signedOut(40, 503);
  delivery.wake();
  await expect.poll(() => delivered.length).toBe(16);
  await expect.poll(() => delivered.length).toBe(17);
  for (let count = 0; count < 100; count += 1) delivery.wake();
  await pause(200); // No request comes: the next pause is longer.
  expect(delivered).toHaveLength(17);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('responded 503');
  answer.status = 200;
  await expect.poll(isPending).toBe(false);
  expect([...new Set(delivered)].toSorted()).toEqual(sids.toSorted());
});

it('an old token makes the next attempt come sooner, at most one per second [T-SIGNOUT-08]', async () => {
  const { delivery, delivered, triedAt } = await signedOut(1, 503);
  delivery.wake();
  await expect.poll(() => delivered.length).toBe(3); // The next pause is 3 s at least.
  const retrySoon = () => {
    delivery.retrySoon();
    return delivered.length;
  };
  await expect.poll(retrySoon).toBe(4);
  const [, , third = 0, fourth = 0] = triedAt;
  expect(fourth - third).toBeGreaterThanOrEqual(1000);
  expect(fourth - third).toBeLessThan(2900);
});

it('an attempt requested during another one follows soon after that one fails', async () => {
  const { delivery, delivered, triedAt, answer } = await signedOut(1, 503);
  delivery.wake();
  await expect.poll(() => delivered.length).toBe(2);
  answer.isHeld = true;
  await expect.poll(() => delivered.length).toBe(3);
  delivery.retrySoon();
  answer.isHeld = false;
  await expect.poll(() => delivered.length).toBe(4);
  const [, , third = 0, fourth = 0] = triedAt;
  expect(fourth - third).toBeLessThan(2500 + 2900); // The timeout of the third, and less than its pause.
});

it('another process soon delivers the sign-out of one that died during delivery [T-SIGNOUT-03]', async () => {
  const { claim, open, delivered, time } = await signedOut(1);
  expect(await claim()).toEqual(['s0']); // The process dies here.
  const other = open();
  expect(await other.claim()).toEqual([]);
  time.now += CLAIM_MS - 1;
  expect(await other.claim()).toEqual([]);
  time.now += 1;
  other.delivery.wake();
  await expect.poll(() => delivered).toEqual(['s0']);
});

it('setting the clock back delays no sign-out', async () => {
  const { claim, time } = await signedOut(1);
  expect(await claim()).toEqual(['s0']);
  time.now -= HOUR_MS;
  expect(await claim()).toEqual(['s0']);
});

it('a process that stops releases its claims, and another delivers them at once', async () => {
  const { delivery, open, delivered, answer } = await signedOut(1);
  answer.isHeld = true;
  delivery.wake();
  await expect.poll(() => delivered.length).toBe(1);
  await delivery.stop();
  answer.isHeld = false;
  const other = open();
  other.delivery.wake();
  await expect.poll(other.isPending).toBe(false);
  expect(delivered).toEqual(['s0', 's0']);
});

it('a sign-out isn’t delivered after its SSO session has expired, and is purged an hour later', async () => {
  const { delivery, store, claim, isPending, sessions, delivered, time } = await signedOut(1, 503);
  delivery.wake();
  await expect.poll(() => delivered.length).toBe(1);
  time.now += 12 * HOUR_MS;
  expect([await isPending(), await claim()]).toEqual([false, []]);
  const purge = async () => {
    while (await store.sessions.purgeExpired(time.now));
  };
  time.now += HOUR_MS - 1;
  await purge();
  expect(await sessions.isSignedOutOfSite('s0')).toBe(true);
  time.now += 1;
  await purge();
  expect(await sessions.isSignedOutOfSite('s0')).toBe(false);
});

it('a sign-out recorded while an earlier one hangs is delivered after its timeout', async () => {
  const { delivery, signOut, delivered, answer } = await signedOut(1);
  answer.isHeld = true;
  delivery.wake();
  await expect.poll(() => delivered.length).toBe(1);
  answer.isHeld = false;
  await signOut('late');
  delivery.wake();
  await expect.poll(() => delivered, { timeout: 4000 }).toContain('late');
});
