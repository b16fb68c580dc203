import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../scripts/site/ports.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { openStream } from './listening-lab.fixture.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** @returns the environment of a lab on this port, and its report file */
function environmentOf(port: number) {
  const reportFile = path.join(temporaryFolder(), 'reports.json');
  const env = {
    LAB_ORIGIN: `http://lab.example.localhost:${port}`,
    LAB_SAME_SITE_ORIGIN: `http://target.example.localhost:${port}`,
    LAB_CROSS_SITE_ORIGIN: `http://target.elsewhere.localhost:${port}`,
    LAB_LISTEN: `127.0.0.1:${port}`,
    LAB_REPORT_FILE: reportFile,
    LAB_FOO_ORIGIN: 'http://foo.app.example.localhost:4001',
    LAB_LOREM_ORIGIN: 'http://lorem.app.example.localhost:4002',
    LAB_SSO_ORIGIN: 'http://sso.example.localhost:4000',
  };
  return { env, reportFile };
}

/** Starts a lab, and waits until it listens and has written its report file, which it does right after. */
async function startLab(env: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await expect.poll(() => output).toContain('Server listening');
  await expect.poll(() => existsSync(env['LAB_REPORT_FILE'] ?? '')).toBe(true);
  return { child, ended };
}

function secretOf(reportFile: string): string {
  return JSON.parse(readFileSync(reportFile, 'utf8')).secret;
}

test('the lab refuses to start on origins that other machines can reach, and names each [T-LAB-05]', () => {
  const { env } = environmentOf(4010);
  const outside = { LAB_ORIGIN: 'https://lab.example.com', LAB_SSO_ORIGIN: 'https://sso.example.com' };
  const { status, stderr } = spawnSync(process.execPath, [MAIN], {
    env: { ...env, ...outside },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^lab can't start: LAB_ORIGIN is not on a loopback name/),
    expect.stringMatching(/^lab can't start: LAB_SSO_ORIGIN is not on a loopback name/),
  ]);
});

test('each start has a new secret of 32 bytes, which a second lab can’t replace [T-LAB-03]', async () => {
  const port = await freePort();
  const { env, reportFile } = environmentOf(port);
  const { child, ended } = await startLab(env);
  const first = secretOf(reportFile);
  expect(Buffer.from(first, 'base64url')).toHaveLength(32);
  const second = spawnSync(process.execPath, [MAIN], { env, encoding: 'utf8' });
  expect([second.status, second.stderr]).toEqual([1, expect.stringContaining(`port ${port} `)]);
  expect(secretOf(reportFile)).toBe(first);
  child.kill('SIGTERM');
  await ended;
  await startLab(env);
  expect(secretOf(reportFile)).not.toBe(first);
});

test('a lab that can’t write its report file exits, and doesn’t go on without reporters', async () => {
  const { env, reportFile } = environmentOf(await freePort());
  mkdirSync(path.join(reportFile, 'full'), { recursive: true });
  const { status, stderr } = spawnSync(process.execPath, [MAIN], { env, encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^lab can't start: .*reports\.json/)]);
});

test('a lab that ends removes its report file [T-LAB-03]', async () => {
  const { env, reportFile } = environmentOf(await freePort());
  const { child, ended } = await startLab(env);
  child.kill('SIGTERM');
  await ended;
  expect(existsSync(reportFile)).toBe(false);
});

test('SIGTERM ends the lab although a page is connected to its stream', async () => {
  const port = await freePort();
  const { child, ended } = await startLab(environmentOf(port).env);
  const { received } = await openStream(port, { host: `lab.example.localhost:${port}` });
  await expect.poll(() => received).toEqual(['retry: 1000']);
  const started = performance.now();
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  // After 8 s, the process would cut off the stream.
  expect(performance.now() - started).toBeLessThan(8000);
  await expect.poll(() => received.at(-1)).toBe('closed');
});
