/** Crowds of clients, each in a process of its own (crowd-process.ts), and how long a quiet person waits beside them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { CrowdReport, CrowdTask } from './crowd-process.ts';

/**
 * Resolves once each of its connections has been made.
 *
 * @returns sends it home, once that is wanted, and resolves with what it was answered
 */
export async function gather(task: CrowdTask): Promise<() => Promise<CrowdReport>> {
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

/** The value that one in a hundred exceeds. */
export function p99(milliseconds: readonly number[]): number {
  const sorted = [...milliseconds].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}
