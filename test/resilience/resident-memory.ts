/** How much memory a process has, as the system counts it. */
import { execFileSync } from 'node:child_process';

export const MEBIBYTE = 1024 * 1024;

/**
 * The heap limit that V8 chooses within the 512 MiB that a service has in docker-compose.yml. On a large
 * machine V8 would choose gigabytes, and the garbage at the time of a measurement would depend on the
 * machine.
 */
export const DEPLOYED_HEAP = { NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=4' };

/** Bytes. */
export function residentMemory(pid: number | null): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
}

/** The most that a process had while something went on, in bytes; looked at five times a second. */
export async function mostMemory(pid: number | null, during: Promise<unknown>): Promise<number> {
  let most = residentMemory(pid);
  const looking = setInterval(() => {
    most = Math.max(most, residentMemory(pid));
  }, 200);
  await during.finally(() => clearInterval(looking));
  return Math.max(most, residentMemory(pid));
}
