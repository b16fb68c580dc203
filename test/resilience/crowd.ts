/** Crowds of clients, each crowd in a process of its own (crowd-process.ts). */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { CrowdReport, CrowdTask } from './crowd-process.ts';

/**
 * Resolves once every connection is open.
 *
 * @returns a function that ends the crowd and resolves with the statuses that it received
 */
export async function gatherCrowd(task: CrowdTask): Promise<() => Promise<CrowdReport>> {
  const child = fork(new URL('./crowd-process.ts', import.meta.url), { execArgv: [] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const gathered = once(child, 'message');
  child.send(task);
  await gathered;
  return async () => {
    const report = once(child, 'message');
    child.send('go home');
    return (await report)[0];
  };
}

/** The 99th percentile. */
export function p99(milliseconds: readonly number[]): number {
  const sorted = [...milliseconds].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}
