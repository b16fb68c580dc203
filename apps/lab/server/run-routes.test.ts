import { expect, test } from 'vitest';
import { askRuns, ORIGIN, RIGHT_POLICY, send, startRun, testLab } from './lab.fixture.ts';
import { MAX_RECORDED_REQUESTS, MAX_RUNS } from './runs.ts';

const policy = RIGHT_POLICY;
const json = { 'content-type': 'application/json' };

test('a new run has an id of 16 random characters and an empty record', async () => {
  const lab = await testLab();
  const [first, second] = [await startRun(lab), await startRun(lab)];
  expect(first.id).toMatch(/^[\w-]{16}$/);
  expect(second.id).not.toBe(first.id);
  expect(await first.record()).toEqual({ requests: [], executions: 0 });
});

test('starting a run responds 201, changing it 204, and an unknown run 404', async () => {
  const lab = await testLab();
  const started = await askRuns(lab, 'POST', '', { policy });
  expect(started.statusCode).toBe(201);
  expect((await askRuns(lab, 'PUT', started.json().id, { policy })).statusCode).toBe(204);
  for (const id of ['AAAAAAAAAAAAAAAA', '__proto__', 'constructor', '%00']) {
    expect([id, (await askRuns(lab, 'PUT', id, { policy })).statusCode]).toEqual([id, 404]);
    expect([id, (await askRuns(lab, 'GET', id)).statusCode]).toEqual([id, 404]);
  }
});

test.each([
  ['no Origin', { origin: undefined }],
  ['the same-site target’s Origin', { origin: 'http://target.example.localhost:4010' }],
  ['another site’s Origin', { origin: 'https://attacker.example' }],
  ['an opaque Origin', { origin: 'null' }],
  ['the Origin twice', { origin: `${ORIGIN}, ${ORIGIN}` }],
  ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
  ['Sec-Fetch-Site: none', { 'sec-fetch-site': 'none' }],
] as const)('runs can’t be started or changed with %s [T-LAB-02]', async (_name, headers) => {
  const lab = await testLab();
  const { id } = await startRun(lab);
  const own = { origin: ORIGIN, ...json, ...headers };
  expect((await askRuns(lab, 'POST', '', { policy }, own)).statusCode).toBe(403);
  expect((await askRuns(lab, 'PUT', id, { policy }, own)).statusCode).toBe(403);
});

test.each([
  [{}, 200],
  [{ origin: ORIGIN }, 200],
  [{ 'sec-fetch-site': undefined }, 200],
  [{ origin: 'http://target.example.localhost:4010' }, 403],
  [{ origin: 'null' }, 403],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'none' }, 403],
] as const)('reading a run with %j responds %i [T-LAB-02]', async (headers, status) => {
  const lab = await testLab();
  const { id } = await startRun(lab);
  expect((await askRuns(lab, 'GET', id, undefined, headers)).statusCode).toBe(status);
});

test('a run can be started only with JSON, which a cross-origin form can’t send', async () => {
  const lab = await testLab();
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', undefined]) {
    const { statusCode } = await askRuns(lab, 'POST', '', { policy }, { 'content-type': type });
    expect([type, statusCode]).toEqual([type, 415]);
  }
});

test('the oldest run is forgotten when there are more than 200 [T-LAB-06]', async () => {
  const lab = await testLab();
  const first = await startRun(lab);
  const second = await startRun(lab);
  for (let started = 2; started <= MAX_RUNS; started += 1) await startRun(lab);
  expect((await askRuns(lab, 'GET', first.id)).statusCode).toBe(404);
  expect((await askRuns(lab, 'GET', second.id)).statusCode).toBe(200);
});

test('a run records its first 50 requests, and executes later ones all the same [T-LAB-06]', async () => {
  const lab = await testLab();
  const { url, record } = await startRun(lab);
  for (let sent = 0; sent < MAX_RECORDED_REQUESTS + 5; sent += 1) await send(lab, 'same-site', { url });
  const { requests, executions } = await record();
  expect([requests.length, executions]).toEqual([50, 55]);
});

test('a run’s policy may have the longest texts, with characters that JSON escapes', async () => {
  const lab = await testLab();
  const longest = '"'.repeat(200);
  const { url } = await startRun(lab, {
    allowOrigin: { rule: 'fixed', value: longest },
    allowCredentials: longest,
    allowMethods: longest,
    allowHeaders: longest,
    maxAge: longest,
    exposeHeaders: longest,
    timingAllowOrigin: longest,
    vary: longest,
  });
  const { headers } = await send(lab, 'same-site', { url });
  expect(headers['access-control-allow-origin']).toBe(longest);
});
