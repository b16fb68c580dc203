import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takenPorts } from './ports.ts';
import { startSite } from './site.ts';
import type { Ports } from './site-settings.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'site-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a site starts over https, logs its requests, and restarts with its data', async () => {
  const ports = await freePorts();
  const site = await startSite({ scheme: 'https', folder, ports });
  const keys = readdirSync(folder).filter((file) => file.endsWith('.keys.json'));
  await site.foo.stop();
  expect(await takenPorts(Object.values(ports))).toEqual([ports.sso, ports.lorem]);
  await site.foo.start();
  expect(site.foo.log().join('\n')).toMatch(/listening.*closing.*listening/s);
  await site.stop();
  expect(await takenPorts(Object.values(ports))).toEqual([]);

  const again = await startSite({ scheme: 'https', folder, ports });
  await again.stop();
  expect(readdirSync(folder).filter((file) => file.endsWith('.keys.json'))).toEqual(keys);
}, 60_000);

test('a taken port is reported before anything is written or started', async () => {
  const server = await listen();
  const ports = { ...(await freePorts()), foo: portOf(server) };
  const start = startSite({ scheme: 'http', folder, ports });
  await expect(start).rejects.toThrow(`Already in use: port ${ports.foo} (foo). `);
  expect(readdirSync(folder)).toEqual([]);
  server.close();
});

test.each([
  ['', 'is empty; it should be a JSON array of apps'],
  ['[{},\n]', ', line 2, column 1: is not JSON: expected a value after the comma, found "]"'],
  ['{}', 'is not a JSON array of apps'],
])('an unreadable registry is reported and kept, and nothing is started: %j', async (text, reason) => {
  const registry = join(folder, 'apps.json');
  writeFileSync(registry, text);
  const start = startSite({ scheme: 'http', folder, ports: await freePorts() });
  await expect(start).rejects.toThrow(registry);
  await expect(start).rejects.toThrow(reason);
  expect(readFileSync(registry, 'utf8')).toBe(text);
  expect(readdirSync(folder)).toEqual(['apps.json']);
});

test('the SSO service reports the errors in a registry with a byte order mark', async () => {
  const registry = join(folder, 'apps.json');
  writeFileSync(registry, '\ufeff[null]');
  const start = startSite({ scheme: 'http', folder, ports: await freePorts() });
  await expect(start).rejects.toThrow('sso ended with status 1');
  expect(JSON.parse(readFileSync(registry, 'utf8'))).toEqual([expect.anything(), expect.anything(), null]);
}, 60_000);

test('if one process can’t start, the site says which and leaves nothing running', async () => {
  const ports = await freePorts();
  const start = startSite({ scheme: 'http', folder, ports, environment: { lorem: { APP_NAME: '' } } });
  await expect(start).rejects.toThrow('lorem ended with status 1');
  expect(await takenPorts(Object.values(ports))).toEqual([]);
}, 60_000);

test('a process that ends unexpectedly is reported', async () => {
  const site = await startSite({ scheme: 'http', folder, ports: await freePorts() });
  process.kill(Number(/"pid":(\d+)/.exec(site.lorem.log()[0] ?? '')?.[1]), 'SIGKILL');
  expect(await site.lorem.failure).toBe('lorem was ended by SIGKILL');
  await site.stop();
}, 60_000);

async function freePorts(): Promise<Ports> {
  const servers = [await listen(), await listen(), await listen()];
  const [sso = 0, foo = 0, lorem = 0] = servers.map(portOf);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return { sso, foo, lorem };
}

async function listen(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
