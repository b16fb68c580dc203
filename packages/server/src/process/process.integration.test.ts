import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localCertificates } from '../../../../scripts/site/certificates.ts';
import { localServer } from '../../../../test/support/local-server.fixture.ts';
import { temporaryFolder } from '../../../../test/support/temporary-folder.fixture.ts';

const SCRIPT = fileURLToPath(new URL('./process-under-test.fixture.ts', import.meta.url));

interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

function start(...parameters: string[]) {
  return startIn({}, ...parameters);
}

function startIn(environment: Record<string, string>, ...parameters: string[]) {
  const env = { ...process.env, ...environment };
  const child: ChildProcess = spawn(process.execPath, [SCRIPT, ...parameters], { env, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([status, signal]): Ended => ({ status, signal, stdout, stderr }));
  /** Waits until the process has written something. */
  const says = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(stdout);
        if (match !== null) resolve(match);
      };
      child.stdout?.on('data', check);
      child.once('close', () => reject(new Error(`it ended without ${pattern}: ${stdout}${stderr}`)));
      check();
    });
  return { child, ended, says };
}

async function startListening(environment: Record<string, string> = {}, mode = '') {
  const { child, ended, says } = startIn(environment, '127.0.0.1', '0', mode);
  const [, port] = await says(/listening at https?:\/\/127\.0\.0\.1:(\d+)/);
  return { child, ended, says, port: Number(port), url: `http://127.0.0.1:${port}` };
}

async function socketTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** A client that keeps its connection open after the response. */
async function idleConnection(url: string): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const request = httpRequest(url, { agent }).end();
  const [response] = await once(request, 'response');
  response.resume();
  await once(response, 'end');
}

describe('a process that cannot start', () => {
  it('writes one line per error without a stack, and exits with status 1', async () => {
    expect(await start('127.0.0.1', '0', 'two errors').ended).toEqual({
      status: 1,
      signal: null,
      stdout: '',
      stderr: "the process can't start: FIRST is missing\nthe process can't start: SECOND is empty\n",
    });
  });

  it('says in one line that its port is taken', async () => {
    const { url } = await localServer(() => {});
    const { port } = new URL(url);
    const { status, stderr } = await start('127.0.0.1', port).ended;
    expect([status, stderr]).toEqual([1, `the process can't start: port ${port} of 127.0.0.1 is taken\n`]);
  });

  it('says in one line that its address does not belong to this machine', async () => {
    const { status, stderr } = await start('192.0.2.1', '4000').ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^the process can't start: can't listen on 192\.0\.2\.1:4000: .+\n$/);
  });

  it('shows no stack of an unexpected error', async () => {
    const { status, stderr } = await start('127.0.0.1', '0', 'unforeseen').ended;
    expect([status, stderr]).toEqual([1, "the process can't start: something broke\n"]);
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('a process that gets %s', (signal) => {
  it('exits with status 0', async () => {
    const { child, ended } = await startListening();
    child.kill(signal);
    expect(await ended).toMatchObject({ status: 0, signal: null, stderr: '' });
  });

  it('answers the request in progress first', async () => {
    const { child, ended, says, url } = await startListening();
    const response = fetch(`${url}/slow`);
    await says(/under way/);
    child.kill(signal);
    expect(await (await response).json()).toEqual({ answered: true });
    expect(await ended).toMatchObject({ status: 0, signal: null, stderr: '' });
  });
});

describe('a process that is asked to exit', () => {
  /** No request is in progress, so there is nothing to wait for. */
  const SOON_MS = 5000;
  const LATEST_MS = 10_000;

  async function endsWithin(
    milliseconds: number,
    { child, ended }: Awaited<ReturnType<typeof startListening>>,
  ): Promise<void> {
    const started = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ status: 0, signal: null, stderr: '' });
    expect(performance.now() - started).toBeLessThan(milliseconds);
  }

  it('does not wait for a connection that is kept alive and idle', async () => {
    const process = await startListening();
    await idleConnection(process.url);
    await endsWithin(SOON_MS, process);
  });

  it('does not wait for a connection without a request, which browsers may open in advance', async () => {
    const process = await startListening();
    await socketTo(process.port);
    await fetch(process.url); // The process has accepted the earlier connection by now.
    await endsWithin(SOON_MS, process);
  });

  it('does not wait for a TLS handshake that is never finished', async () => {
    const { certificateFile, keyFile } = await localCertificates(
      temporaryFolder(),
      ['under.test'],
      ['under.test'],
    );
    const process = await startListening({ TLS_CERT_FILE: certificateFile, TLS_KEY_FILE: keyFile });
    await socketTo(process.port);
    await expect(fetch(process.url)).rejects.toThrow(); // Plain http. The earlier connection is accepted now.
    await endsWithin(LATEST_MS, process);
  });

  it('finishes its requests even when the signal comes again', async () => {
    const { child, ended, says, url } = await startListening();
    const response = fetch(`${url}/slow`);
    await says(/under way/);
    child.kill('SIGTERM');
    await says(/closing/);
    child.kill('SIGTERM');
    child.kill('SIGINT');
    expect((await response).status).toBe(200);
    expect(await ended).toMatchObject({ status: 0, signal: null, stderr: '' });
  });

  it('answers a request that has arrived only in part', async () => {
    const { child, ended, says, port } = await startListening();
    const socket = await socketTo(port);
    socket.setEncoding('utf8').write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    socket.write('GET / HTTP/1.1\r\nHost: x');
    await fetch(`http://127.0.0.1:${port}`); // The process has read that much by now.
    child.kill('SIGTERM');
    await says(/closing/);
    socket.write('\r\n\r\n');
    const response = (await socket.toArray()).join('');
    expect(response).toMatch(/^HTTP\/1\.1 200 .*^connection: close/ims);
    expect(await ended).toMatchObject({ status: 0, signal: null, stderr: '' });
  });

  it('answers the request in progress while idle connections are open', async () => {
    const process = await startListening();
    await idleConnection(process.url);
    await socketTo(process.port);
    const response = fetch(`${process.url}/slow`);
    await process.says(/under way/);
    await endsWithin(SOON_MS, process);
    expect(await (await response).json()).toEqual({ answered: true });
  });

  it('gives up on a request that never ends, and exits within 10 s', async () => {
    const process = await startListening();
    const headers = { 'x-for-ever': '1' };
    const response = fetch(`${process.url}/slow`, { headers }).catch(() => 'cut off');
    await process.says(/under way/);
    await endsWithin(LATEST_MS, process);
    expect(await response).toBe('cut off');
  });
});

describe('the log of a process', () => {
  it('contains no secret, wherever a client puts one', async () => {
    const { child, ended, url, port } = await startListening();
    const headers = {
      'content-type': 'application/json',
      authorization: 'Bearer hush-1',
      cookie: '__Host-sso=hush-2',
      'x-request-id': 'hush-3',
    };
    const post = (path: string, body: string) => fetch(url + path, { method: 'POST', headers, body });
    await post('/sign-in?token=hush-4', '{"password":"hush-5"}');
    await post('/sign-in', '{"password":"hush-6');
    await post('/sign-in', `"hush-7${'x'.repeat(5000)}"`);
    await post('/nowhere/hush-8', '{}');
    await fetch(`${url}/broken?token=hush-9`);
    expect((await fetch(`${url}/%zz/hush-10?token=hush-11`)).status).toBe(400);
    const raw = await socketTo(port);
    raw.write('GET /hush-12 HTTP/1.1\r\nhush-13\r\n\r\n');
    raw.resume();
    await once(raw, 'close');
    child.kill('SIGTERM');
    const { stdout, stderr } = await ended;
    expect(stdout.match(/hush-\d+/g)).toBeNull();
    expect(stderr).toBe('');
    expect(stdout.match(/"msg":"request"/g)).toHaveLength(5); // A path that can't be decoded causes no line.
  });
});

it('a process logs at SIGHUP that it must be restarted, and keeps running', async () => {
  const { child, ended, says, url } = await startListening();
  child.kill('SIGHUP');
  await says(/"level":40.*"SIGHUP changes nothing: restart to read the configuration again"/);
  expect((await fetch(url)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ status: 0, signal: null });
});

it('a process whose server can reload does so at each SIGHUP, and keeps running', async () => {
  const { child, ended, says, url } = await startListening({}, 'reload');
  child.kill('SIGHUP');
  await says(/"msg":"reloading"/);
  child.kill('SIGHUP');
  await says(/"msg":"reloading".*"msg":"reloading"/s);
  expect((await fetch(url)).status).toBe(200);
  child.kill('SIGTERM');
  const { status, stdout } = await ended;
  expect(status).toBe(0);
  expect(stdout).not.toContain('SIGHUP changes nothing');
});

it('a process survives a reload that fails, and logs why', async () => {
  const { child, ended, says, url } = await startListening({}, 'no reload');
  child.kill('SIGHUP');
  await says(/"level":50.*"reason":"nothing to read".*"msg":"reloading failed"/);
  expect((await fetch(url)).status).toBe(200);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ status: 0, signal: null });
});
