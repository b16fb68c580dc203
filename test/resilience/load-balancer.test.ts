/**
 * nginx in front of several instances, as docker-compose.scale.yml configures it. The instances here are
 * servers of the test, so that they can fail at a chosen moment.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { freePorts } from '../../scripts/site/ports.ts';
import { programOf } from './proxied-service.ts';

const CONFIGURATION = resolve(import.meta.dirname, '../../scripts/containers/nginx.conf');
const nginx = programOf('nginx');
if (nginx === null) console.warn('SKIPPED: there is no nginx on this machine.');

/** Shorter than in the file, to keep the test short. */
const RESPONSE_TIMEOUT_MS = 500;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const respond: Handler = (_request, response) => void response.end('done');
const hang: Handler = () => {};
/** Dies as soon as it has the request, like an instance that is killed with `kill -9`. */
const die: Handler = ({ socket }) => void socket.destroy();

/** Starts an instance that records its requests. */
async function startInstance(handler: Handler) {
  const received: { method: string | undefined; headers: http.IncomingHttpHeaders; body: string }[] = [];
  const server = http.createServer(async (request, response) => {
    received.push({ method: request.method, headers: request.headers, body: await text(request) });
    handler(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, port: (server.address() as AddressInfo).port };
}

/** @returns a port at which nothing listens */
async function startAndStopInstance(): Promise<number> {
  const server = http.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** @returns the balancer's port for the SSO service's instances, which are at these ports */
async function startBalancer(first: number, second: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'balancer-'));
  const { sso, foo } = await freePorts();
  const ports = { 'sso-1:4000': first, 'sso-2:4000': second, 'foo-1:4001': first, 'foo-2:4001': second };
  let configuration = readFileSync(CONFIGURATION, 'utf8')
    .replaceAll('/tmp/', `${folder}/`)
    .replace('proxy_read_timeout 5s;', `proxy_read_timeout ${RESPONSE_TIMEOUT_MS}ms;`)
    .replace('listen 4000;', `listen 127.0.0.1:${sso};`)
    .replace('listen 4001;', `listen 127.0.0.1:${foo};`);
  for (const [name, port] of Object.entries(ports)) {
    configuration = configuration.replace(`server ${name}`, `server 127.0.0.1:${port}`);
  }
  // Its workers must be able to write to this folder.
  if (process.getuid?.() === 0) configuration = `user root;\n${configuration}`;
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration);
  const log = openSync(join(folder, 'log'), 'w');
  const child = spawn(nginx ?? '', ['-e', 'stderr', '-c', file], { stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  });
  await vi.waitFor(async () => {
    const socket = connect(sso, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
  }, 15_000);
  return sso;
}

async function send(port: number, method: string, headers: Record<string, string> = {}) {
  const request = http.request({ host: '127.0.0.1', port, method, headers, agent: false });
  request.end(method === 'GET' ? undefined : 'token=once');
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode, body: await text(response) };
}

describe.skipIf(nginx === null)('nginx in front of two instances', () => {
  test('shares the requests among both, and repeats none', async () => {
    const [first, second] = [await startInstance(respond), await startInstance(respond)];
    const port = await startBalancer(first.port, second.port);
    for (let count = 0; count < 20; count++) expect(await send(port, 'POST')).toMatchObject({ status: 200 });
    expect(first.received.length + second.received.length).toBe(20);
    // Each of nginx's two workers takes turns by itself.
    expect(first.received.length).toBeGreaterThan(5);
    expect(second.received.length).toBeGreaterThan(5);
  });

  test('sends a POST to the other instance if one can’t be reached [T-PROXY-06]', async () => {
    const other = await startInstance(respond);
    const port = await startBalancer(await startAndStopInstance(), other.port);
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(port, 'POST')));
    expect(answers).toEqual(Array(10).fill({ status: 200, body: 'done' }));
    expect(other.received.map(({ body }) => body)).toEqual(Array(10).fill('token=once'));
  });

  test('never sends a POST again that an instance may have executed [T-PROXY-06]', async () => {
    const [dying, other] = [await startInstance(die), await startInstance(respond)];
    const port = await startBalancer(dying.port, other.port);
    const answers = [];
    for (let count = 0; count < 10; count++) answers.push(await send(port, 'POST'));
    const failed = answers.filter(({ status }) => status === 502);
    expect(dying.received.length).toBe(failed.length);
    expect(other.received.length).toBe(10 - failed.length);
    // Two failures take the instance out for five seconds.
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(5);
  });

  test('repeats a GET at the other instance if one dies before it responds', async () => {
    const [dying, other] = [await startInstance(die), await startInstance(respond)];
    const port = await startBalancer(dying.port, other.port);
    for (let count = 0; count < 10; count++) expect(await send(port, 'GET')).toMatchObject({ status: 200 });
    expect(dying.received.length).toBeGreaterThan(0);
    expect(dying.received.length).toBeLessThan(5);
    expect(other.received.length).toBe(10);
  });

  test('takes out an instance that hangs, although its clients gave up sooner', async () => {
    const [hanging, other] = [await startInstance(hang), await startInstance(respond)];
    const port = await startBalancer(hanging.port, other.port);
    const impatient = Array.from({ length: 10 }, () =>
      fetch(`http://127.0.0.1:${port}`, { method: 'POST', signal: AbortSignal.timeout(250) }),
    );
    await Promise.allSettled(impatient);
    expect(hanging.received.length).toBeGreaterThan(1);
    await setTimeout(2 * RESPONSE_TIMEOUT_MS);
    for (let count = 0; count < 10; count++) expect(await send(port, 'POST')).toMatchObject({ status: 200 });
  });

  test('appends the client’s address to X-Forwarded-For, and opens one connection per request', async () => {
    const instance = await startInstance(respond);
    const port = await startBalancer(instance.port, instance.port);
    await send(port, 'POST', { host: 'sso.example.localhost:4000', 'x-forwarded-for': '198.51.100.7' });
    expect(instance.received[0]?.headers).toMatchObject({
      host: 'sso.example.localhost:4000',
      'x-forwarded-for': '198.51.100.7, 127.0.0.1',
      'x-forwarded-proto': 'http',
      connection: 'close',
    });
  });
});
