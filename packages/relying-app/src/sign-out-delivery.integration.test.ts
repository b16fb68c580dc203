/** How the SSO service is told of sign-outs, and how few requests that takes while it fails. */
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { Database, openKeyRing } from '@samesite-sso/core';
import { expect, it, onTestFinished } from 'vitest';
import { localServer } from '../../../test/support/local-server.fixture.ts';
import { AppSessions } from './app-sessions.ts';
import { MIGRATIONS } from './schema.ts';
import { ACCOUNT, newDatabase, ORIGIN, SSO_ORIGIN } from './seeded-session.fixture.ts';
import { SignOutDelivery } from './sign-out-delivery.ts';
import { CLAIM_MS, SignOutQueue } from './sign-out-queue.ts';
import { SsoClient } from './sso-client.ts';

const HOUR_MS = 3_600_000;

/** An app's database with people who have signed out of the site, and an SSO service that answers this. */
async function signedOut(count: number, status = 200) {
  const file = newDatabase();
  const time = { now: Date.now() };
  const clock = () => time.now;
  const told: string[] = [];
  const arrivedAt: number[] = [];
  const answer = { status, isHeld: false };
  const { url } = await localServer(async (request, response) => {
    arrivedAt.push(performance.now());
    told.push(new URLSearchParams(await text(request)).get('sid') ?? '');
    if (!answer.isHeld) response.writeHead(answer.status).end('{}');
  });
  const keys = await openKeyRing(file);
  /** As a process has them. */
  const open = () => {
    const database = new Database(file, MIGRATIONS);
    onTestFinished(() => database.close());
    const lines: string[] = [];
    const log = { warn: (about: object) => void lines.push(JSON.stringify(about)) };
    const queue = new SignOutQueue(database, clock);
    const client = new SsoClient({ origin: ORIGIN, ssoOrigin: SSO_ORIGIN, ssoServerUrl: url }, keys, clock);
    const delivery = new SignOutDelivery({ queue, client, log });
    onTestFinished(() => delivery.stop());
    return { database, delivery, queue, sessions: new AppSessions(database, clock, 1800), lines };
  };
  const process = open();
  const signOut = async (sid: string) => {
    const session = { account: ACCOUNT, sid, ssoEndsAt: time.now + 12 * HOUR_MS };
    const { sessionToken } = await process.sessions.start(session, null);
    await process.sessions.signOutOfSite(sessionToken);
  };
  const sids = Array.from({ length: count }, (_, index) => `s${index}`);
  for (const sid of sids) await signOut(sid);
  return { ...process, open, signOut, sids, told, arrivedAt, answer, time };
}

it('each sign-out is told once, however many there are', async () => {
  const { delivery, queue, sids, told } = await signedOut(40);
  delivery.wake();
  await expect.poll(() => queue.isPending(), { timeout: 10_000 }).toBe(false);
  expect(told.toSorted()).toEqual(sids.toSorted());
  delivery.wake();
  await delivery.stop();
  expect(told).toHaveLength(40);
});

it('each is told once by several processes that begin at the same time', async () => {
  const { delivery, queue, open, sids, told } = await signedOut(40);
  const others = [open(), open()];
  for (const each of [delivery, ...others.map((other) => other.delivery)]) each.wake();
  await expect.poll(() => queue.isPending(), { timeout: 10_000 }).toBe(false);
  expect(told.toSorted()).toEqual(sids.toSorted());
});

it('an SSO service that fails gets one request at a time after the first ones, and is told all in the end', async () => {
  const { delivery, queue, sids, told, answer, lines } = await signedOut(40, 503);
  delivery.wake();
  await expect.poll(() => told.length, { timeout: 10_000 }).toBe(16);
  await expect.poll(() => told.length, { timeout: 10_000 }).toBe(17);
  for (let count = 0; count < 100; count += 1) delivery.wake();
  await pause(200); // Nothing comes: the next pause is longer.
  expect(told).toHaveLength(17);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('answered 503');
  answer.status = 200;
  await expect.poll(() => queue.isPending(), { timeout: 10_000 }).toBe(false);
  expect([...new Set(told)].toSorted()).toEqual(sids.toSorted());
});

it('one that comes back with old tokens hastens the next try, but to no more than one a second', async () => {
  const { delivery, arrivedAt } = await signedOut(1, 503);
  delivery.wake();
  await expect.poll(() => arrivedAt.length, { timeout: 10_000 }).toBe(3); // The next pause is 3 s at least.
  const hasten = () => {
    delivery.hasten();
    return arrivedAt.length;
  };
  await expect.poll(hasten, { timeout: 10_000 }).toBe(4);
  const [, , third = 0, fourth = 0] = arrivedAt;
  expect(fourth - third).toBeGreaterThan(990);
  expect(fourth - third).toBeLessThan(2900);
});

it('a try that is hastened while another is under way comes soon after that has failed', async () => {
  const { delivery, arrivedAt, answer } = await signedOut(1, 503);
  delivery.wake();
  await expect.poll(() => arrivedAt.length, { timeout: 10_000 }).toBe(2);
  answer.isHeld = true;
  await expect.poll(() => arrivedAt.length, { timeout: 10_000 }).toBe(3);
  delivery.hasten();
  answer.isHeld = false;
  await expect.poll(() => arrivedAt.length, { timeout: 10_000 }).toBe(4);
  const [, , third = 0, fourth = 0] = arrivedAt;
  expect(fourth - third).toBeLessThan(2500 + 2900); // The timeout of the third, and less than its pause.
});

it('a process that dies while it tells leaves the sign-out to another, and not for long', async () => {
  const { queue, open, told, time } = await signedOut(1);
  expect(await queue.claim(16)).toEqual(['s0']); // And dies.
  const other = open();
  expect(await other.queue.claim(16)).toEqual([]);
  time.now += CLAIM_MS - 1;
  expect(await other.queue.claim(16)).toEqual([]);
  time.now += 1;
  other.delivery.wake();
  await expect.poll(() => told, { timeout: 10_000 }).toEqual(['s0']);
});

it('a clock that was set back holds no sign-out back', async () => {
  const { queue, time } = await signedOut(1);
  expect(await queue.claim(16)).toEqual(['s0']);
  time.now -= HOUR_MS;
  expect(await queue.claim(16)).toEqual(['s0']);
});

it('a process that ends gives back what it was telling, and another tells it at once', async () => {
  const { delivery, open, told, answer } = await signedOut(1);
  answer.isHeld = true;
  delivery.wake();
  await expect.poll(() => told.length, { timeout: 10_000 }).toBe(1);
  await delivery.stop();
  answer.isHeld = false;
  const other = open();
  other.delivery.wake();
  await expect.poll(() => other.queue.isPending(), { timeout: 10_000 }).toBe(false);
  expect(told).toEqual(['s0', 's0']);
});

it('nothing is told once the SSO session is over by time, and an hour later nothing is left of it', async () => {
  const { delivery, database, queue, sessions, told, time } = await signedOut(1, 503);
  delivery.wake();
  await expect.poll(() => told.length, { timeout: 10_000 }).toBe(1);
  time.now += 12 * HOUR_MS;
  expect([queue.isPending(), await queue.claim(16)]).toEqual([false, []]);
  expect(sessions.isSignedOutOfSite('s0')).toBe(true);
  const count = () => database.sqlite.prepare('SELECT count(*) FROM site_sign_out').pluck().get();
  time.now += HOUR_MS - 1;
  while (await sessions.purgeExpired());
  expect(count()).toBe(1);
  time.now += 1;
  while (await sessions.purgeExpired());
  expect(count()).toBe(0);
});

it('a sign-out that comes while an earlier one hangs is told once that has timed out', async () => {
  const { delivery, signOut, told, answer } = await signedOut(1);
  answer.isHeld = true;
  delivery.wake();
  await expect.poll(() => told.length, { timeout: 10_000 }).toBe(1);
  answer.isHeld = false;
  await signOut('late');
  delivery.wake();
  await expect.poll(() => told, { timeout: 4000 }).toContain('late');
});
