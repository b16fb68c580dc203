/**
 * Disks that can't be written to. A small disk can be filled or remounted read-only, but only root can mount it. An
 * operating-system limit on a running process makes every write fail, as on a failed disk, and needs no privileges.
 */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const BLOCK_BYTES = [65_536, 4096, 1];

/** Whether {@link tinyDisk} works on this machine. */
export const canMount = succeeds(() => {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-mount-'));
  mount(folder);
  unmount(folder);
});

/** Whether {@link withholdWrites} works on this machine. */
export const canLimit = succeeds(() => limit(process.pid, []));

export interface TinyDisk {
  readonly folder: string;
  fill(): void;
  free(): void;
  /** @throws {Error} while a file on it is open for writing */
  makeReadOnly(): void;
}

/** A disk of 8 MiB that is unmounted after the test. Create it before whatever uses it, which then ends first. */
export function tinyDisk(): TinyDisk {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-disk-'));
  mount(folder);
  onTestFinished(() => unmount(folder));
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => BLOCK_BYTES.forEach((bytes) => void fillBy(filler, Buffer.alloc(bytes))),
    free: () => rmSync(filler),
    makeReadOnly: () => void execFileSync('mount', ['-o', 'remount,ro', folder]),
  };
}

/** @returns a function that lets the process write again */
export function withholdWrites(pid: number | null): () => void {
  limit(pid, ['--fsize=0:unlimited']);
  return () => limit(pid, ['--fsize=unlimited:unlimited']);
}

function fillBy(file: string, block: Buffer): void {
  for (;;) {
    try {
      appendFileSync(file, block);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}

function mount(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { stdio: 'pipe' });
}

function unmount(folder: string): void {
  execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
}

function limit(pid: number | null, limits: readonly string[]): void {
  execFileSync('prlimit', ['--pid', String(pid), ...limits], { stdio: 'pipe' });
}

function succeeds(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
