/** The stream of exchanges, as a browser's `EventSource` reads it. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { Exchange } from '../exchange/exchange.ts';
import { hostOf } from './hosts.ts';
import { ORIGIN, ORIGINS, report, testExchange } from './lab.fixture.ts';
import { listeningLab, openStream, sendRaw } from './listening-lab.fixture.ts';

/** As the lab's page sends it. */
const OWN = { origin: ORIGIN, 'sec-fetch-site': 'same-origin', accept: 'text/event-stream' };

test('a stream has the latest exchanges first, and then each report as it arrives', async () => {
  const { lab, port } = await listeningLab();
  await report(lab, [testExchange('a'), testExchange('b')]);
  const { status, headers, received, exchanges, ids } = await openStream(port, OWN);
  expect(status).toBe(200);
  expect(headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  await expect.poll(ids).toEqual(['a', 'b']);
  expect(received[0]).toBe('retry: 1000');
  const finished: Exchange = testExchange('a', { durationMs: 3, path: '/line\nbreak' });
  await report(lab, [finished]);
  await expect.poll(ids).toEqual(['a', 'b', 'a']);
  expect(exchanges()[2]).toEqual({ eventId: exchanges()[1].eventId + 1, ...finished });
});

test('a stream begins at once, before there is an exchange', async () => {
  const { port } = await listeningLab();
  const { received } = await openStream(port);
  await expect.poll(() => received).toEqual(['retry: 1000']);
});

test('a client that reconnects gets what it missed, or everything if the server has restarted', async () => {
  const { lab, port } = await listeningLab();
  await report(
    lab,
    ['a', 'b', 'c'].map((id) => testExchange(id)),
  );
  const first = await openStream(port, OWN);
  await expect.poll(first.ids).toEqual(['a', 'b', 'c']);
  first.close();
  const lastEventId = first.exchanges()[1].eventId;
  await report(lab, [testExchange('d'), testExchange('a', { durationMs: 1 })]);
  const second = await openStream(port, { ...OWN, 'last-event-id': String(lastEventId) });
  await expect.poll(second.ids).toEqual(['c', 'd', 'a']);
  const earlier = String(lastEventId - 1_000_000);
  const third = await openStream(port, { ...OWN, 'last-event-id': earlier });
  await expect.poll(third.ids).toEqual(['b', 'c', 'd', 'a']);
});

test.each<[string, Record<string, string>]>([
  ['the same-site target’s Origin', { ...OWN, origin: ORIGINS['same-site'] }],
  ['an opaque Origin', { ...OWN, origin: 'null' }],
  ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
  ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['Sec-Fetch-Site: none, as when it is opened in a tab', { 'sec-fetch-site': 'none' }],
  ['a foreign Host', { ...OWN, host: 'attacker.example' }],
  ['the server’s address as Host', { ...OWN, host: '127.0.0.1:4010' }],
])('the stream is refused to a client with %s [T-LAB-02]', async (_name, headers) => {
  const { lab, port } = await listeningLab();
  await report(lab, [testExchange('secret')]);
  const { status, body } = await sendRaw(port, { path: '/exchanges', headers });
  expect(status).toBe(403);
  expect(body).not.toContain('secret');
});

test('the stream isn’t on the targets’ hosts, and has no HEAD', async () => {
  const { port } = await listeningLab();
  const headers = { host: hostOf(ORIGINS['same-site']) };
  expect((await sendRaw(port, { path: '/exchanges', headers })).status).toBe(404);
  expect((await sendRaw(port, { path: '/exchanges', method: 'HEAD' })).status).toBe(405);
});

test('the 21st stream closes the oldest, so idle ones can’t lock new ones out', async () => {
  const { port } = await listeningLab();
  const oldest = await openStream(port, OWN);
  const streams = await Promise.all(Array.from({ length: 19 }, () => openStream(port, OWN)));
  const newest = await openStream(port, OWN);
  await expect.poll(() => oldest.received.at(-1)).toBe('closed');
  for (const { received } of [...streams, newest]) await expect.poll(() => received).toEqual(['retry: 1000']);
});

test('all streams end when the server closes, so that it closes at once', async () => {
  const { lab, port } = await listeningLab();
  await report(lab, [testExchange('a')]);
  const streams = await Promise.all([openStream(port), openStream(port, OWN)]);
  for (const { ids } of streams) await expect.poll(ids).toEqual(['a']);
  await lab.close();
  for (const { received } of streams) await expect.poll(() => received.at(-1)).toBe('closed');
});

test('a client that reads nothing holds up neither others nor the server', async () => {
  const { lab, port } = await listeningLab();
  const stalled = connect(port, '127.0.0.1');
  await once(stalled, 'connect');
  stalled.pause().write(`GET /exchanges HTTP/1.1\r\nHost: ${hostOf(ORIGIN)}\r\n\r\n`);
  const { ids } = await openStream(port, OWN);
  const body = 'x'.repeat(8000);
  for (let index = 0; index < 20; index += 1) {
    const large = (id: number) =>
      testExchange(`${index}-${id}`, { request: { fields: [], body, tokens: [] } });
    await report(
      lab,
      Array.from({ length: 100 }, (_, id) => large(id)),
    );
    await expect.poll(() => ids().at(-1)).toBe(`${index}-99`);
  }
  stalled.destroy();
});
