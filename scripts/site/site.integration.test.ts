import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { labHosts } from './lab.ts';
import { takenPorts } from './ports.ts';
import { isReady } from './readiness.ts';
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

test('a site with a lab starts it as a fourth process, whose secret only its owner can read', async () => {
  const ports = await freePorts();
  const site = await startSite({ scheme: 'https', folder, ports, hasLab: true });
  const { url } = JSON.parse(readFileSync(join(folder, 'lab-reports.json'), 'utf8'));
  expect(url).toBe(`https://127.0.0.1:${ports.lab}/reports`);
  expect(statSync(join(folder, 'lab-reports.json')).mode & 0o777).toBe(0o600);
  expect(site.lab?.origin).toBe(`https://lab.example.localhost:${ports.lab}`);
  const certificate = new X509Certificate(readFileSync(site.certificates?.certificateFile ?? ''));
  for (const host of Object.values(labHosts)) expect(certificate.checkHost(host)).toBe(host);
  await site.stop();
  expect(await takenPorts(Object.values(ports))).toEqual([]);
}, 60_000);

test('a site without a lab has no trace of it', async () => {
  const ports = await freePorts();
  const site = await startSite({ scheme: 'http', folder, ports });
  expect(site.lab).toBeNull();
  expect(await takenPorts([ports.lab])).toEqual([]);
  await site.stop();
  expect(readdirSync(folder, { encoding: 'utf8', recursive: true })).not.toContainEqual(
    expect.stringContaining('lab'),
  );
}, 60_000);

test('a site starts without its lab, and says why, if the lab’s port is taken', async () => {
  const errors = recordErrors();
  const server = await listen();
  const ports = { ...(await freePorts()), lab: portOf(server) };
  const site = await startSite({ scheme: 'http', folder, ports, hasLab: true });
  expect(site.lab).toBeNull();
  expect(errors).toEqual([
    `The lab isn't running: port ${ports.lab} is already in use. Everything else works without it.`,
  ]);
  await site.stop();
  server.close();
}, 60_000);

test('a site starts without its lab, and says why, if the lab can’t start', async () => {
  const errors = recordErrors();
  const environment = { lab: { LAB_ORIGIN: '' } };
  const site = await startSite({
    scheme: 'http',
    folder,
    ports: await freePorts(),
    hasLab: true,
    environment,
  });
  expect(site.lab).toBeNull();
  expect(errors).toEqual([
    expect.stringMatching(/^The lab isn't running: lab ended with status 1; its log /),
  ]);
  await site.stop();
}, 60_000);

test('a site goes on if its lab ends unexpectedly, and says so', async () => {
  const errors = recordErrors();
  const site = await startSite({ scheme: 'http', folder, ports: await freePorts(), hasLab: true });
  process.kill(site.lab?.pid ?? Number.NaN, 'SIGKILL');
  await site.lab?.failure;
  // Reporters would otherwise send the secret in the file to another program at that port.
  await expect.poll(() => readdirSync(folder)).not.toContain('lab-reports.json');
  for (const { address } of [site.sso, site.foo, site.lorem]) expect(await isReady(address, null)).toBe(true);
  expect(errors).toEqual([
    expect.stringMatching(/^The lab isn't running: lab was ended by SIGKILL; its log /),
  ]);
  await site.stop();
}, 60_000);

/** Returns what the test prints to standard error, without printing it. */
function recordErrors(): string[] {
  const errors: string[] = [];
  const spy = vi.spyOn(console, 'error').mockImplementation((text: string) => void errors.push(text));
  onTestFinished(() => spy.mockRestore());
  return errors;
}

async function freePorts(): Promise<Ports> {
  const servers = [await listen(), await listen(), await listen(), await listen()];
  const [sso = 0, foo = 0, lorem = 0, lab = 0] = servers.map(portOf);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return { sso, foo, lorem, lab };
}

async function listen(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
