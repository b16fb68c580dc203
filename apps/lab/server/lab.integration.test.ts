/** What only a lab that listens does: paths as they are on the wire, the report file, and the proxy. */
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { hostOf } from './hosts.ts';
import { ORIGINS, SECRET, startRun } from './lab.fixture.ts';
import { listeningLab, sendRaw } from './listening-lab.fixture.ts';

test.each([
  '/target/..',
  '/target/../runs',
  '/target/%2e%2e',
  '/target/..%2fruns',
  '/target/__proto__',
  '/target/constructor',
  '/target/',
  '/target/AAAAAAAAAAAAAAAA/x',
  '//target/AAAAAAAAAAAAAAAA',
  '/assets/../server/main.ts',
  '/assets/%2e%2e/%2e%2e/package.json',
  '/documents/documents.css',
  '/documents.css/../documents.ts',
])('the lab responds 404 to the path %s', async (hostile) => {
  const { port } = await listeningLab();
  const { status, body } = await sendRaw(port, { path: hostile });
  expect([status, JSON.parse(body).code]).toEqual([404, 'not-found']);
});

/** Sends a request that Node's client would change, and returns the response's status line. */
async function sendLines(port: number, lines: readonly string[]): Promise<string | undefined> {
  const socket = connect(port, '127.0.0.1');
  const head = [...lines, `Host: ${hostOf(ORIGINS['same-site'])}`, 'Connection: close', '', ''];
  socket.write(head.join('\r\n'), 'latin1');
  return (await text(socket)).split('\r\n')[0];
}

test('an Origin with bytes outside ASCII is reflected without harm', async () => {
  const { lab, port } = await listeningLab();
  const { url, record } = await startRun(lab, { allowOrigin: { rule: 'reflect' } });
  const origin = 'http://\u00e9\u00ff.example';
  expect(await sendLines(port, [`GET ${url} HTTP/1.1`, `Origin: ${origin}`])).toBe('HTTP/1.1 200 OK');
  expect(await record()).toMatchObject({ requests: [{ fields: [{ name: 'Origin', value: origin }] }] });
});

test.each(['patch', 'FROBNICATE'])(
  'a request with a method that Node doesn’t know never reaches a target: %s',
  async (method) => {
    const { lab, port } = await listeningLab();
    const { url, record } = await startRun(lab);
    expect(await sendLines(port, [`${method} ${url} HTTP/1.1`])).toBe('HTTP/1.1 400 Bad Request');
    expect(await record()).toEqual({ requests: [], executions: 0 });
  },
);

test('a lab that listens writes the report file, with its own address or the configured one', async () => {
  const reportFile = path.join(temporaryFolder(), 'reports.json');
  const { port } = await listeningLab({ reportFile });
  const own = { url: `http://127.0.0.1:${port}/reports`, secret: SECRET };
  expect(JSON.parse(readFileSync(reportFile, 'utf8'))).toEqual(own);
  expect(statSync(reportFile).mode & 0o777).toBe(0o600);
  const reportUrl = 'http://lab:4010/reports';
  await listeningLab({ reportFile, reportUrl });
  expect(JSON.parse(readFileSync(reportFile, 'utf8'))).toEqual({ url: reportUrl, secret: SECRET });
});

test('the proxy passes on the cookies of the page’s host, which don’t identify the visitor', async () => {
  const { port } = await listeningLab();
  const cookie = 'lab-strict=same-origin; lab-none=same-origin; other=a=b';
  const { status, headers, body } = await sendRaw(port, { path: '/alternatives/proxy', headers: { cookie } });
  expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
  expect(JSON.parse(body)).toEqual({
    asked: `${ORIGINS['same-site']}/status`,
    cookiesReceived: ['lab-strict', 'lab-none', 'other'],
    answer: { status: 'unknown', cookies: [] },
  });
});

test('the proxy passes cookies on unchanged: with the target’s own, it would know the visitor', async () => {
  const { port } = await listeningLab();
  // No browser sends these to the page's host.
  const headers = { cookie: 'lab-lax=same-site' };
  const { body } = await sendRaw(port, { path: '/alternatives/proxy', headers });
  expect(JSON.parse(body).answer).toEqual({ status: 'known', cookies: ['lax'] });
});

test('asked directly with its own cookies, the target knows the visitor', async () => {
  const { port } = await listeningLab();
  const headers = { host: hostOf(ORIGINS['same-site']), cookie: 'lab-strict=same-site' };
  const { body } = await sendRaw(port, { path: '/status', headers });
  expect(JSON.parse(body)).toEqual({ status: 'known', cookies: ['strict'] });
});

test.each(['/alternatives/proxy?url=http://127.0.0.1:1/', '/alternatives/proxy'])(
  'a request can’t choose the server to which the proxy connects: %s [T-LAB-06]',
  async (url) => {
    const { port } = await listeningLab();
    const headers = { 'x-forwarded-host': 'attacker.example', forwarded: 'host=attacker.example' };
    const { body } = await sendRaw(port, { path: url, headers });
    expect(JSON.parse(body)).toMatchObject({ asked: `${ORIGINS['same-site']}/status`, cookiesReceived: [] });
  },
);
