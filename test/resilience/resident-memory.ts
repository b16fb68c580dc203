/** The resident memory of a process. */
import { execFileSync } from 'node:child_process';

export const MEBIBYTE = 1024 * 1024;

/**
 * The heap limit that V8 chooses within the 512 MiB that a container has in docker-compose.yml. On a large
 * machine V8 would choose gigabytes, and the garbage at the time of a measurement would depend on the
 * machine.
 */
export const DEPLOYED_HEAP = { NODE_OPTIONS: '--max-old-space-size=256' };

export function residentMemory(pid: number | null): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
}

/** The peak of a process's resident memory, in bytes, sampled five times a second until `during` settles. */
export async function peakMemory(pid: number | null, during: Promise<unknown>): Promise<number> {
  let peakBytes = residentMemory(pid);
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentMemory(pid));
  }, 200);
  await during.finally(() => clearInterval(timer));
  return Math.max(peakBytes, residentMemory(pid));
}
