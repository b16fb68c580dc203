import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { deadAddress } from '../../../../test/support/local-server.fixture.ts';

const program = fileURLToPath(new URL('../process/process-under-test.fixture.ts', import.meta.url));

/** The status of a response; null when there is none within a second. */
const statusOf = async (url: string): Promise<number | null> => {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1000) })).status;
  } catch {
    return null;
  }
};

async function serving(stdout: number | 'pipe'): Promise<{ child: ChildProcess; url: string }> {
  const url = await deadAddress();
  const { hostname, port } = new URL(url);
  const child = spawn(process.execPath, [program, hostname, port], { stdio: ['ignore', stdout, 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, url };
}

/** As after any uncaught error, Node ends the process with status 1. */
async function expectToEndAfterCrash(child: ChildProcess, url: string): Promise<void> {
  await expect.poll(() => statusOf(`${url}/`), { timeout: 15_000 }).toBe(200);
  const ended = once(child, 'exit');
  await statusOf(`${url}/crash`);
  expect(await ended).toEqual([1, null]);
}

async function expectToGoOnAndEnd(child: ChildProcess, url: string): Promise<void> {
  await expect.poll(() => statusOf(`${url}/`), { timeout: 15_000 }).toBe(200);
  for (let times = 0; times < 3; times++) expect(await statusOf(`${url}/broken`)).toBe(500);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}

it.skipIf(!existsSync('/dev/full'))(
  'a process whose log is on a full disk keeps responding and exits with status 0 [T-OUTAGE-04]',
  async () => {
    const full = openSync('/dev/full', 'w');
    const { child, url } = await serving(full);
    closeSync(full);
    await expectToGoOnAndEnd(child, url);
  },
);

it.skipIf(!existsSync('/dev/full'))(
  'a process whose log is on a full disk ends when it crashes [T-OUTAGE-04]',
  async () => {
    const full = openSync('/dev/full', 'w');
    const { child, url } = await serving(full);
    closeSync(full);
    await expectToEndAfterCrash(child, url);
  },
);

it('a process whose log reader stalls ends when it crashes [T-FLOOD-12]', async () => {
  const { child, url } = await serving('pipe');
  child.stdout?.pause();
  await expect.poll(() => statusOf(`${url}/`), { timeout: 15_000 }).toBe(200);
  for (let times = 0; times < 700; times++) expect(await statusOf(`${url}/`)).toBe(200);
  await expectToEndAfterCrash(child, url);
});

it('a process whose log reader stalls keeps responding and exits with status 0 [T-FLOOD-12]', async () => {
  const { child, url } = await serving('pipe');
  child.stdout?.pause();
  await expect.poll(() => statusOf(`${url}/`), { timeout: 15_000 }).toBe(200);
  // A pipe holds 64 KiB, some 400 lines.
  for (let times = 0; times < 700; times++) expect(await statusOf(`${url}/`)).toBe(200);
  await expectToGoOnAndEnd(child, url);
});

it('a process whose log reader has gone keeps responding and exits with status 0 [T-FLOOD-12]', async () => {
  const { child, url } = await serving('pipe');
  child.stdout?.destroy();
  await expectToGoOnAndEnd(child, url);
});
