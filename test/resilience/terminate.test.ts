/** SIGTERM in the middle of everything: nothing acknowledged is lost, status 0, and the end within ten seconds. */
import { once } from 'node:events';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type RunningSite, runningSite } from '../support/process-site.ts';
import { AppStorm } from './app-storm.ts';
import { isSound, tellsWhatIs } from './invariants.ts';
import { Chance, isLong } from './seeded-random.ts';
import { connectSlowClients } from './slow-clients.ts';
import { SsoStorm } from './sso-storm.ts';

const AT_THE_LATEST = 10_000;
const CLEANLY = 'ended with status 0';
const ANSWERS = 60;

test('the SSO service and an app end in time in the middle of everything, and have not lost a word', async () => {
  const site = await runningSite({ environment: { sso: { SSO_TOKEN_SECONDS: '3600' } } });
  const { sso, foo, ipsum } = site;
  const storm = new SsoStorm(site, new Chance());
  // An app that takes the logout and never answers.
  ipsum.answer = () => {};
  await storm.gather();
  const everything = async () => {
    await storm.acts(ANSWERS);
    await expect.poll(() => ipsum.tokens.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await Promise.all([sso, foo].map(connectSlowClients));
  };
  await storm.rageUntil(everything, () => endInTime(site, ['sso', 'foo']));
  ipsum.tokens.splice(0);
  ipsum.answer = (response) => void response.writeHead(200).end();
  await Promise.all([sso.start(), foo.start()]);
  await storm.held();
  for (const name of ['sso', 'foo'] as const) isSound(site.databaseOf(name));
  tellsWhatIs(site.databaseOf('sso'));
  await storm.settled();
});

test('an app that is asked to end in a storm of its own has lost nothing', async () => {
  const site = await runningSite();
  const storm = new AppStorm(site, new Chance());
  await storm.gather();
  await storm.rageUntil(
    () => storm.acts(ANSWERS),
    () => endInTime(site, ['foo']),
  );
  await site.foo.start();
  await storm.held();
  isSound(site.databaseOf('foo'));
  await storm.settled();
});

test('an app answers a step 4 under way before it ends, though the SSO service hangs', async () => {
  const site = await runningSite();
  const { sso, foo } = site;
  const person = site.person();
  await person.logIn();
  await person.signInAt(foo); // Foo has the SSO service's keys by now.
  const { body } = await person.authenticationToken(foo);
  process.kill(sso.pid ?? 0, 'SIGSTOP');
  const answer = person.redeem(foo, body['token']);
  // The app says nothing of a request before it is answered: an answer to another tells that this one has come in.
  await person.appSession(foo);
  await endInTime(site, ['foo']);
  expect((await answer).body).toMatchObject({ code: 'sso-unavailable' });
  process.kill(sso.pid ?? 0, 'SIGCONT');
});

test.each([
  ['sso', '/', { request: 'login status' }, 200],
  ['foo', '/session', { token: 'none' }, 401],
] as const)(
  '%s answers what is under way although it is asked to end again and again',
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
    const [answer] = await once(exchange, 'response');
    answer.resume();
    expect(answer.statusCode).toBe(status);
    expect(await end).toBe(CLEANLY);
  },
);

test('SIGTERM at any moment of a start harms nothing', async () => {
  const chance = new Chance();
  const site = await runningSite();
  const person = site.person();
  await person.logIn();
  await site.sso.stop();
  const began = performance.now();
  await site.sso.start();
  const startTakes = Math.ceil(performance.now() - began);
  await site.sso.stop();
  for (let start = 1; start <= (isLong ? 60 : 6); start += 1) {
    const ready = site.sso.start().then(
      () => true,
      () => false,
    );
    await delay(chance.below(startTakes));
    const end = await site.sso.end('SIGTERM');
    // Before its first line of ours runs, Node ends as it does by default.
    if ((await ready) || end !== 'was ended by SIGTERM') expect(end).toBe(CLEANLY);
    isSound(site.databaseOf('sso'));
  }
  await site.sso.start();
  expect((await person.loginStatus()).body).toMatchObject({ status: 'signed in' });
});

/** Asks all to end at once. */
async function endInTime(site: RunningSite, names: readonly ('sso' | 'foo')[]): Promise<void> {
  const began = performance.now();
  const end = async (name: 'sso' | 'foo') => {
    const how = await site[name].end('SIGTERM');
    return { how, isInTime: performance.now() - began < AT_THE_LATEST };
  };
  const ends = await Promise.all(names.map(end));
  expect(ends).toEqual(names.map(() => ({ how: CLEANLY, isInTime: true })));
}
