import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { processorMilliseconds } from './processor-time.ts';

const BUSY_MS = 200;

const isLinux = process.platform === 'linux';

test.runIf(isLinux)('the processor time of a process includes that of its children', async () => {
  const before = processorMilliseconds(process.pid);
  const busy = `while (process.cpuUsage().user < ${BUSY_MS * 1000});`;
  const child = spawn(process.execPath, ['-e', `${busy} console.log(); process.stdin.resume()`]);
  await once(child.stdout, 'data');
  const whileItRuns = processorMilliseconds(process.pid) - before;
  child.stdin.end();
  await once(child, 'exit');
  const afterItsEnd = processorMilliseconds(process.pid) - before;
  expect(whileItRuns).toBeGreaterThanOrEqual(BUSY_MS);
  expect(afterItsEnd).toBeGreaterThanOrEqual(BUSY_MS);
});

test('a process that has ended has no processor time', async () => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  expect(processorMilliseconds(child.pid ?? 0)).toBeNaN();
});
