/** The server terminates connections at the moment when they are ready, as a fail-over may. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { postgresUrl } from '../../../../../test/support/postgres.ts';
import { expectRecovery, names, openDatabase, outcomeOf } from './postgres-database.fixture.ts';

/** The last message with which a server answers the start of a connection: ReadyForQuery, idle. */
const READY = Buffer.from('Z\0\0\0\x05I');

/** ErrorResponse: each field has a type, a value, and an end. */
const FIELD_VALUES = { S: 'FATAL', V: 'FATAL', C: '57P01', M: 'terminating connection' };
const FIELDS = `${Object.entries(FIELD_VALUES)
  .map(([type, value]) => `${type}${value}\0`)
  .join('')}\0`;
const TERMINATED = Buffer.from(`E\0\0\0${String.fromCharCode(FIELDS.length + 4)}${FIELDS}`);

/** A proxy that can terminate each connection in the very bytes that say that it is ready. */
async function startProxy(target: string) {
  const { hostname, port } = new URL(target);
  const proxy = { isTerminating: false, terminatedCount: 0, url: '' };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.on('error', () => {}).on('close', () => upstream.destroy());
    upstream.on('error', () => {}).on('close', () => client.destroy());
    client.pipe(upstream);
    upstream.on('data', (data) => {
      const isTerminated = proxy.isTerminating && data.subarray(-READY.length).equals(READY);
      if (isTerminated) proxy.terminatedCount += 1;
      client.write(isTerminated ? Buffer.concat([data, TERMINATED]) : data);
      if (isTerminated) client.end();
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(async () => void (await once(server.close(), 'close')));
  await once(server, 'listening');
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);
  proxy.url = url.href;
  return proxy;
}

it('a connection that is lost as soon as it is ready does not end the process [T-OUTAGE-08]', async () => {
  const proxy = await startProxy(await postgresUrl());
  const database = await openDatabase(proxy.url);
  const crashed = vi.fn();
  process.once('uncaughtException', crashed);
  onTestFinished(() => void process.off('uncaughtException', crashed));
  proxy.isTerminating = true;
  const outcomes = await Promise.all([names(database), names(database), names(database)].map(outcomeOf));
  expect(outcomes).toEqual(Array(3).fill(expect.stringMatching(/^unavailable: /)));
  expect(proxy.terminatedCount).toBe(3);
  expect(crashed).not.toHaveBeenCalled();
  proxy.isTerminating = false;
  await expectRecovery(database);
});
