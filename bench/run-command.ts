/** Runs the SSO service's command line, and measures its time and its memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { workspace } from '../scripts/node24.mjs';
import type { Product } from './product.ts';

const POLL_INTERVAL_MS = 20;

/** @returns its duration and peak memory, or its error: a command that fails is a result */
export async function runCommand({ database }: Product, ...command: string[]): Promise<string> {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, ['apps/sso/src/cli.ts', ...command], {
    cwd: workspace,
    env: { ...process.env, SSO_DATABASE: database },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let peakMebibytes = Number.NaN;
  const timer = setInterval(() => {
    const now = peakMebibytesOf(child.pid);
    if (!Number.isNaN(now)) peakMebibytes = now;
  }, POLL_INTERVAL_MS);
  const [error, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  clearInterval(timer);
  if (status !== 0) return `fails: ${error.trim().split('\n')[0]}`;
  const seconds = (performance.now() - startedAtMs) / 1000;
  return `${seconds.toFixed(1)} s, ${Math.round(peakMebibytes)} MiB`;
}

export function residentMebibytes(pid: number | null): number {
  return statusField(pid, 'VmRSS');
}

function peakMebibytesOf(pid: number | undefined): number {
  return statusField(pid ?? null, 'VmHWM');
}

/** A field of Linux's /proc/PID/status (proc(5)); NaN on other systems and after the process has ended. */
function statusField(pid: number | null, name: string): number {
  try {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(
      readFileSync(`/proc/${pid}/status`, 'utf8'),
    );
    return Number(kibibytes?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}
