import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { deadAddress, localServer } from '../../../test/support/local-server.fixture.ts';
import { labRequest } from './lab-request.ts';
import type { PendingExchange, Report } from './observation.ts';
import { observeSent } from './sent-requests.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const ACTIVE = '{"active":false}';

function observe(report?: Report) {
  const reports: PendingExchange[] = [];
  onTestFinished(
    observeSent({
      reporter: 'foo',
      origins: new Set(),
      report: report ?? ((exchange) => void reports.push(exchange)),
    }),
  );
  return { reports, completed: () => reports.filter(({ durationMs }) => durationMs !== null) };
}

/** Answers each path in its own way, and records the headers of requests. */
async function startSso() {
  const received: { rawHeaders: string[]; port: number | undefined }[] = [];
  const { url } = await localServer((request, response) => {
    received.push({ rawHeaders: request.rawHeaders, port: request.socket.remotePort });
    request.resume();
    if (request.url === '/never') return;
    if (request.url === '/moved') return response.writeHead(302, { Location: '/' }).end();
    if (request.url === '/empty') return response.writeHead(200).end();
    if (request.url === '/half')
      return response.writeHead(200, JSON_TYPE).write('{', () => response.destroy());
    if (request.url === '/large') return response.writeHead(200, JSON_TYPE).end(' '.repeat(100_000) + ACTIVE);
    if (request.url === '/encoded') {
      return response.writeHead(200, { ...JSON_TYPE, 'Content-Encoding': 'gzip' }).end(gzipSync(ACTIVE));
    }
    return response.writeHead(200, { ...JSON_TYPE, 'Set-Cookie': ['a=1', 'b=2'] }).end(ACTIVE);
  });
  return { url, received };
}

const form = () => ({ method: 'POST', body: new URLSearchParams({ sid: '1', hush: 'hush' }) });

it('a request is reported when it is sent, and again with its response', async () => {
  const { url, received } = await startSso();
  const { reports } = observe();
  const response = await fetch(`${url}/introspect`, form());
  expect(await response.json()).toEqual({ active: false });
  const [seen, exchange] = reports;
  expect(reports).toHaveLength(2);
  expect(seen).toMatchObject({ id: exchange?.id, durationMs: null, response: null, error: null });
  expect(exchange).toMatchObject({
    reporter: 'foo',
    direction: 'sent',
    client: 'server',
    clientPort: received[0]?.port,
    method: 'POST',
    path: '/introspect',
    host: new URL(url).host,
    purpose: 'introspection',
    request: { body: 'sid=(hidden)&(1 more)=(hidden)' },
    response: { status: 200, body: ACTIVE },
    error: null,
  });
  // As on the wire, except for the length: undici adds it after it has published the headers.
  const names = received[0]?.rawHeaders.filter((_, index) => index % 2 === 0);
  expect(exchange?.request.fields.map(({ name }) => name)).toEqual(
    names?.filter((n) => n !== 'content-length'),
  );
  expect(exchange?.response?.fields).toEqual(
    expect.arrayContaining([
      { name: 'Set-Cookie', value: '(hidden)' },
      { name: 'Set-Cookie', value: '(hidden)' },
      { name: 'Transfer-Encoding', value: 'chunked' },
    ]),
  );
});

it('the observed request has the same headers as without a reporter', async () => {
  const { url, received } = await startSso();
  await (await fetch(url, form())).text();
  observe();
  await (await fetch(url, form())).text();
  expect(received[1]?.rawHeaders).toEqual(received[0]?.rawHeaders);
});

it.each([
  ['that is not encoded', '/introspect', ACTIVE],
  ['that is empty', '/empty', null],
  ['that is encoded', '/encoded', '(hidden)'],
  ['that is too large', '/large', '(hidden)'],
])('a response %s is reported', async (_what, path, body) => {
  const { url } = await startSso();
  const { completed } = observe();
  await (await fetch(url + path)).text();
  expect(completed()).toMatchObject([{ response: { status: 200, body }, error: null }]);
});

it('a response that the process stops reading is reported without its body', async () => {
  const { url } = await startSso();
  const { completed } = observe();
  const response = await fetch(`${url}/large`);
  await response.body?.cancel();
  await expect.poll(completed).toMatchObject([{ response: { status: 200, body: '(hidden)' }, error: null }]);
});

it('a redirect that is not followed is reported', async () => {
  const { url } = await startSso();
  const { completed } = observe();
  await expect(fetch(`${url}/moved`, { redirect: 'error' })).rejects.toThrow();
  expect(completed()).toMatchObject([{ response: { status: 302 }, error: null }]);
});

it('a connection that is refused is reported', async () => {
  const { completed } = observe();
  await expect(fetch(`${await deadAddress()}/introspect`, form())).rejects.toThrow();
  expect(completed()).toMatchObject([
    {
      purpose: 'introspection',
      request: { fields: expect.arrayContaining([{ name: 'user-agent', value: 'node' }]) },
      response: null,
      clientPort: null,
      error: 'no response: ECONNREFUSED',
    },
  ]);
});

it('a request is reported while it waits, and again when the process gives it up', async () => {
  const { url } = await startSso();
  const { reports, completed } = observe();
  const waiting = new AbortController();
  const answer = fetch(`${url}/never`, { ...form(), signal: waiting.signal });
  await expect
    .poll(() => reports)
    .toMatchObject([{ request: { body: expect.any(String) }, durationMs: null }]);
  waiting.abort();
  await expect(answer).rejects.toThrow();
  await expect.poll(completed).toMatchObject([{ response: null, error: 'no response: AbortError' }]);
});

it('the reporter’s own request to an invalid URL gets no response', async () => {
  expect(await labRequest('ftp://127.0.0.1/')).toBeNull();
  expect(await labRequest('http://[')).toBeNull();
});

it('a response that breaks off is reported without its body', async () => {
  const { url } = await startSso();
  const { completed } = observe();
  const response = await fetch(`${url}/half`);
  await expect(response.text()).rejects.toThrow();
  expect(completed()).toMatchObject([{ response: { status: 200, body: '(hidden)' } }]);
});

it('health checks and the reporter’s own requests are left out', async () => {
  const { url } = await startSso();
  const { reports } = observe();
  await (await fetch(`${url}/readyz`)).text();
  expect(await labRequest(`${url}/.well-known/jwks.json`)).toEqual({ status: 200, body: ACTIVE });
  expect(reports).toEqual([]);
});

it('a request succeeds if the reporter is broken [T-LAB-07]', async () => {
  const { url } = await startSso();
  observe(() => {
    throw new Error('the reporter is broken');
  });
  expect(await (await fetch(url, form())).text()).toBe(ACTIVE);
});
