/**
 * SIGTERM under concurrent requests: nothing acknowledged is lost, and the process ends with status 0 within
 * ten seconds.
 */
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Party } from '../support/browser.ts';
import { type RunningSite, runningSite } from '../support/process-site.ts';
import { AppConsistencyChecker } from './app-consistency-checker.ts';
import { expectIntegrity, expectTrueAuditTrail } from './invariants.ts';
import { rawClient } from './raw-client.ts';
import { byRunLength, SeededRandom } from './seeded-random.ts';
import { SsoConsistencyChecker } from './sso-consistency-checker.ts';

const MAX_END_MS = 10_000;
const CLEANLY = 'ended with status 0';
const RESPONSES = 60;

const DRIP_INTERVAL_MS = 300;
const JSON_POST =
  'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n';

/** Opens one connection of each kind, and resolves once the server has them. */
async function connectSlowClients({ address }: Party): Promise<void> {
  const connect = async () => (await rawClient(address)).socket;
  // Browsers connect ahead of their first request.
  await connect();
  const halfHeaders = await connect();
  halfHeaders.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Le');
  const halfBody = await connect();
  halfBody.write(`${JSON_POST}{"request":`);
  const dripping = await connect();
  dripping.write(JSON_POST);
  const drip = setInterval(() => dripping.write(' '), DRIP_INTERVAL_MS);
  dripping.once('close', () => clearInterval(drip));
  const keptAlive = await connect();
  keptAlive.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(keptAlive, 'data'); // By now, the server has received the bytes on the other connections.
}

test('servers end in time under load and lose nothing that they acknowledged [T-CRASH-03]', async () => {
  const site = await runningSite({ environment: { sso: { SSO_TOKEN_SECONDS: '3600' } } });
  const { sso, foo, ipsum } = site;
  const checker = new SsoConsistencyChecker(site, new SeededRandom());
  // This app receives logout tokens and never responds.
  ipsum.answer = () => {};
  await checker.gatherPeople();
  const everything = async () => {
    await checker.acts(RESPONSES);
    await expect.poll(() => ipsum.tokens.length).toBeGreaterThan(0);
    await Promise.all([sso, foo].map(connectSlowClients));
  };
  await checker.runUntil(everything, () => endInTime(site, ['sso', 'foo']));
  ipsum.tokens.splice(0);
  ipsum.answer = (response) => void response.writeHead(200).end();
  await Promise.all([sso.start(), foo.start()]);
  await checker.expectAcknowledgedChanges();
  for (const name of ['sso', 'foo'] as const) expectIntegrity(site.databaseOf(name));
  expectTrueAuditTrail(site.databaseOf('sso'));
  await checker.expectLastingEnds();
});

test('an app that gets SIGTERM under load loses nothing that it acknowledged [T-CRASH-03]', async () => {
  const site = await runningSite();
  const checker = new AppConsistencyChecker(site, new SeededRandom());
  await checker.gatherPeople();
  await checker.runUntil(
    () => checker.acts(RESPONSES),
    () => endInTime(site, ['foo']),
  );
  await site.foo.start();
  await checker.expectAcknowledgedChanges();
  expectIntegrity(site.databaseOf('foo'));
  await checker.expectLastingEnds();
});

test('an app responds to a pending step 4 before it ends, if the service hangs [T-CRASH-04]', async () => {
  const site = await runningSite();
  const { sso, foo } = site;
  const person = site.person();
  await person.logIn();
  await person.signInAt(foo); // From here on foo has the SSO service's keys.
  const { body } = await person.authenticationToken(foo);
  process.kill(sso.pid ?? 0, 'SIGSTOP');
  const pending = person.redeem(foo, body['token']);
  // The response to a later request shows that the app has received this one.
  await person.appSession(foo);
  await endInTime(site, ['foo']);
  expect((await pending).body).toMatchObject({ code: 'sso-unavailable' });
  process.kill(sso.pid ?? 0, 'SIGCONT');
});

test.each([
  ['sso', '/', { request: 'login status' }, 200],
  ['foo', '/session', { token: 'none' }, 401],
] as const)(
  '%s responds to a pending request although it gets one signal after another [T-CRASH-04]',
  async (name, path, body, status) => {
    const site = await runningSite();
    const server = site[name];
    const headers = { origin: site.foo.origin, 'content-type': 'application/json', expect: '100-continue' };
    const exchange = request(server.address + path, { method: 'POST', headers });
    exchange.flushHeaders();
    await once(exchange, 'continue');
    const { pid } = server;
    const end = server.end('SIGTERM');
    await expect.poll(() => server.log().some((line) => line.includes('closing'))).toBe(true);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM']) process.kill(pid ?? 0, signal);
    exchange.end(JSON.stringify(body));
    const [response] = await once(exchange, 'response');
    response.resume();
    expect(response.statusCode).toBe(status);
    expect(await end).toBe(CLEANLY);
  },
);

test('SIGTERM at any moment while the SSO service starts does no harm [T-CRASH-04]', async () => {
  const random = new SeededRandom();
  const site = await runningSite();
  const person = site.person();
  await person.logIn();
  await site.sso.stop();
  const began = performance.now();
  await site.sso.start();
  const startTakes = Math.ceil(performance.now() - began);
  await site.sso.stop();
  for (let start = 1; start <= byRunLength({ short: 3, full: 6, long: 60 }); start += 1) {
    const ready = site.sso.start().then(
      () => true,
      () => false,
    );
    await delay(random.below(startTakes));
    const end = await site.sso.end('SIGTERM');
    // Before the program's first line, SIGTERM has Node's default effect.
    if ((await ready) || end !== 'was ended by SIGTERM') expect(end).toBe(CLEANLY);
    expectIntegrity(site.databaseOf('sso'));
  }
  await site.sso.start();
  expect((await person.loginStatus()).body).toMatchObject({ status: 'signed in' });
});

/** Sends SIGTERM to all at the same time. */
async function endInTime(site: RunningSite, names: readonly ('sso' | 'foo')[]): Promise<void> {
  const began = performance.now();
  const end = async (name: 'sso' | 'foo') => {
    const how = await site[name].end('SIGTERM');
    return { how, isInTime: performance.now() - began < MAX_END_MS };
  };
  const ends = await Promise.all(names.map(end));
  expect(ends).toEqual(names.map(() => ({ how: CLEANLY, isInTime: true })));
}
