/**
 * Load on the real SSO service: sign-ins, slow and greedy clients, junk from an app's server, and one
 * person's endless requests. People who are signed in go on with steps 2 and 3. Ratios of response times are
 * printed and don't fail a test.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { CLIENT_ASSERTION_TYPE } from '@samesite-sso/protocol';
import { generateKeyPair, SignJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ADA, type Browser, GRACE } from '../support/browser.ts';
import { type RunningSite, runningSite } from '../support/process-site.ts';
import { actDuring } from './concurrent-user.ts';
import type { CrowdReport, CrowdTask } from './crowd-process.ts';
import { bytesOf } from './raw-client.ts';
import { DEPLOYED_HEAP, MEBIBYTE, peakMemory, residentMemory } from './resident-memory.ts';
import { byRunLength } from './seeded-random.ts';

/** Trusts the crowd's X-Forwarded-For headers: its clients have many addresses, so none is throttled. */
const TRUSTING = {
  environment: { sso: { ...DEPLOYED_HEAP, SSO_TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'warn' } },
};

/** Baseline and load rounds alternate, so that other load on this machine affects both. */
const ROUNDS = byRunLength({ short: 2, full: 4, long: 12 });
/** Of each kind: enough for several beyond the 99th percentile. */
const MIN_SAMPLES = 600;
const ROUND_MS = 600;

type Crowd = Omit<CrowdTask, 'address'>;

let addresses = 0;

/** Adds a client address that no other request has. */
function withUniqueAddress(request: string): string {
  addresses += 1;
  const address = [10, addresses >> 16, (addresses >> 8) & 255, addresses & 255].join('.');
  return request.replace('\r\n', `\r\nX-Forwarded-For: ${address}\r\n`);
}

/**
 * Resolves once every connection is open.
 *
 * @returns a function that ends the crowd and resolves with the statuses that it received
 */
async function gatherCrowd(task: CrowdTask): Promise<() => Promise<CrowdReport>> {
  const child = fork(new URL('./crowd-process.ts', import.meta.url), { execArgv: [] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const gathered = once(child, 'message');
  child.send(task);
  await gathered;
  return async () => {
    const report = once(child, 'message');
    child.send('end');
    return (await report)[0];
  };
}

/** The 99th percentile. */
function p99(milliseconds: readonly number[]): number {
  const sorted = [...milliseconds].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}

/** Right and wrong passwords of known and unknown people, each from an address of its own. */
function logins({ foo }: RunningSite, connections: number): Crowd {
  const typed = [ADA, GRACE, { ...ADA, password: 'wrong' }, { username: 'nobody', password: 'wrong' }];
  const requests = Array.from({ length: 1000 }, (_, index) => {
    const { username = '', password = '' } = typed[index % typed.length] ?? {};
    return withUniqueAddress(bytesOf({ origin: foo.origin, body: { request: 'login', username, password } }));
  });
  return { connections, requests, trickle: '', restMs: 100 };
}

/** Sends steps 2 and 3 in turn for one round. @returns the response times in milliseconds */
async function measurePace(person: Browser): Promise<number[]> {
  const milliseconds = [];
  for (const end = performance.now() + ROUND_MS; performance.now() < end; ) {
    for (const step of ['loginStatus', 'authenticationToken'] as const) {
      const started = performance.now();
      expect((await person[step]()).status).toBe(200);
      milliseconds.push(performance.now() - started);
    }
  }
  return milliseconds;
}

/** Prints the p99 of steps 2 and 3 in load and in baseline rounds. @returns the crowd's statuses */
async function measureUnderLoad(
  site: RunningSite,
  person: Browser,
  crowdOf: (site: RunningSite) => Crowd,
): Promise<CrowdReport> {
  const [baseline, underLoad]: [number[], number[]] = [[], []];
  const statuses: CrowdReport = {};
  const isEnough = () => Math.min(baseline.length, underLoad.length) >= MIN_SAMPLES;
  for (let round = 1; round <= ROUNDS || !isEnough(); round += 1) {
    baseline.push(...(await measurePace(person)));
    const endCrowd = await gatherCrowd({ address: site.sso.address, ...crowdOf(site) });
    // This response comes after the crowd's first burst, which isn't part of the round.
    await site.person().loginStatus();
    underLoad.push(...(await measurePace(person)));
    for (const [status, times] of Object.entries(await endCrowd())) {
      statuses[Number(status)] = (statuses[Number(status)] ?? 0) + times;
    }
  }
  const ratio = p99(underLoad) / p99(baseline);
  const figures = [baseline, underLoad]
    .map((all) => `${p99(all).toFixed(1)} ms (${all.length})`)
    .join(' and ');
  console.log(
    `p99 baseline and under load: ${figures}, ratio ${ratio.toFixed(2)}; ${JSON.stringify(statuses)}`,
  );
  return statuses;
}

async function printRatioUnderLoad(crowdOf: (site: RunningSite) => Crowd): Promise<CrowdReport> {
  const site = await runningSite(TRUSTING);
  const person = site.person();
  await person.logIn();
  await measurePace(person); // Warms the process up.
  return await measureUnderLoad(site, person, crowdOf);
}

describe('steps 2 and 3 succeed under load and their p99 is printed,', () => {
  test.each([16, 64])(
    'beside %d parallel sign-ins, of which those beyond the queue are refused [T-FLOOD-09]',
    async (connections) => {
      const statuses = Object.keys(await printRatioUnderLoad((site) => logins(site, connections))).map(
        Number,
      );
      expect(statuses).toEqual(expect.arrayContaining([200, 401]));
      // The queue holds 34 sign-ins and refuses the rest.
      if (connections > 34) expect(statuses).toContain(503);
      else expect(statuses).not.toContain(503);
      for (const status of [0, 429, 500]) expect(statuses).not.toContain(status);
    },
  );

  test('beside 1,000 connections that trickle or are silent [T-FLOOD-01]', async () => {
    const slow = ['', 'GET / HTTP/1.1\r\nX: '];
    await printRatioUnderLoad(() => ({
      connections: 1000,
      requests: slow,
      trickle: 'x',
      restMs: 1000,
    }));
  });

  test('beside hundreds of oversized headers and bodies per second [T-FLOOD-07]', async () => {
    const statuses = await printRatioUnderLoad(({ foo }) => ({
      connections: 16,
      requests: [
        `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`,
        bytesOf({ origin: foo.origin, body: { request: 'login', username: 'x'.repeat(20_000) } }),
      ],
      trickle: '',
      restMs: 50,
    }));
    expect(Object.keys(statuses)).toContain('413');
  });
});

describe('a signed-in person gets responses in time', () => {
  const LOAD_MS = 3000;
  /** A page waits this long for a response. */
  const PAGE_TIMEOUT_MS = 5000;
  /** Bytes by which a warm process may grow: as in clients.test.ts. */
  const MAX_GROWTH_BYTES = 192 * MEBIBYTE;

  /** A person's steps 2 and 3 beside a crowd, and the growth of the SSO service's memory. */
  async function actUnderLoad(
    site: RunningSite,
    person: Browser,
    requests: readonly string[],
    connections = 32,
  ) {
    await measurePace(person); // Warms the process up.
    const before = residentMemory(site.sso.pid);
    const endCrowd = await gatherCrowd({
      address: site.sso.address,
      connections,
      requests,
      trickle: '',
      restMs: 0,
    });
    const load = delay(LOAD_MS);
    const [pace, peakBytes] = await Promise.all([actDuring(person, load), peakMemory(site.sso.pid, load)]);
    return { ...pace, growth: peakBytes - before, statuses: Object.keys(await endCrowd()) };
  }

  test('after the retry time of an `overloaded` problem, a person can sign in [T-FLOOD-09]', async () => {
    const site = await runningSite(TRUSTING);
    const endCrowd = await gatherCrowd({ address: site.sso.address, ...logins(site, 64), restMs: 0 });
    const person = site.person();
    let response = await person.logIn();
    while (response.status !== 503) response = await person.logIn();
    expect(response.body).toMatchObject({ code: 'overloaded', retryAfterSeconds: expect.any(Number) });
    expect(response.headers['retry-after']).toBe(String(response.body['retryAfterSeconds']));
    await endCrowd();
    await delay(1000 * Number(response.body['retryAfterSeconds']));
    expect((await person.logIn()).status).toBe(200);
  });

  test('beside 64 parallel sign-ins', async () => {
    const site = await runningSite(TRUSTING);
    const person = site.person();
    await person.logIn();
    const { connections, requests } = logins(site, 64);
    const { requestCount, longestMs, growth, statuses } = await actUnderLoad(
      site,
      person,
      requests,
      connections,
    );
    expect(statuses).toEqual(['200', '401', '503']);
    expect(requestCount).toBeGreaterThan(20);
    expect(longestMs).toBeLessThan(PAGE_TIMEOUT_MS);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
  });

  test('beside a flood of forged client assertions [T-FLOOD-11]', async () => {
    const site = await runningSite(TRUSTING);
    const person = site.person();
    await person.logIn();
    const { origin } = site.ipsum;
    const { privateKey } = await generateKeyPair('EdDSA');
    const assertion = await new SignJWT({ iss: origin, sub: origin, aud: site.sso.origin, jti: 'junk' })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setExpirationTime('50s')
      .sign(privateKey);
    const form = { token: 'junk', client_assertion_type: CLIENT_ASSERTION_TYPE, client_assertion: assertion };
    const content = new URLSearchParams(form).toString();
    const type = 'Content-Type: application/x-www-form-urlencoded';
    const head = `POST /introspect HTTP/1.1\r\nHost: a\r\n${type}\r\nContent-Length: ${content.length}`;
    const requests = [`${head}\r\n\r\n${content}`];
    const { requestCount, longestMs, growth, statuses } = await actUnderLoad(site, person, requests);
    expect(statuses).toEqual(['401']);
    expect(requestCount).toBeGreaterThan(20);
    expect(longestMs).toBeLessThan(PAGE_TIMEOUT_MS);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
    // The app's own assertions are accepted as before.
    const token = await person.token(site.ipsum);
    expect((await site.ipsum.introspect(site.sso, token)).body).toMatchObject({ active: true });
  });

  test('beside one person who sends endless token requests [T-FLOOD-11]', async () => {
    const site = await runningSite(TRUSTING);
    const [greedy, person] = [site.person(GRACE), site.person()];
    await Promise.all([greedy.logIn(), person.logIn()]);
    const cookie = greedy.cookies.get(site.sso);
    const requests = [
      bytesOf({ origin: site.foo.origin, cookie, body: { request: 'authentication token' } }),
    ];
    const { requestCount, longestMs, growth, statuses } = await actUnderLoad(site, person, requests);
    expect(statuses).toEqual(['200']);
    expect(requestCount).toBeGreaterThan(20);
    expect(longestMs).toBeLessThan(PAGE_TIMEOUT_MS);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
    expect((await person.signInAt(site.foo)).status).toBe(201);
  });
});
