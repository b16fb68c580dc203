/** A disk of some MiB in memory, which can be filled up. Mounting one needs a privilege. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AtEnd } from '../support/at-end.ts';

const BLOCK_BYTES = [65_536, 4096, 1];

export interface TinyDisk {
  readonly folder: string;
  fill(): void;
  free(): void;
  /** @throws {Error} while a file on it is open for writing */
  makeReadOnly(): void;
}

/** Whether {@link tinyDisk} works on this machine. */
export const canMount = tryToMount();

/**
 * A disk that is unmounted at the end. Create it before the processes that use it, so that they end first.
 *
 * @param atEnd registers that, by default with the running test
 */
export function tinyDisk(megabytes = 8, atEnd: AtEnd = onTestFinished): TinyDisk {
  const folder = mount(megabytes);
  atEnd(() => unmount(folder));
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => BLOCK_BYTES.forEach((bytes) => void fillBy(filler, Buffer.alloc(bytes))),
    free: () => rmSync(filler),
    makeReadOnly: () => void execFileSync('mount', ['-o', 'remount,ro', folder]),
  };
}

function tryToMount(): boolean {
  try {
    unmount(mount(1));
    return true;
  } catch {
    return false;
  }
}

function mount(megabytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-disk-'));
  try {
    const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder];
    execFileSync('mount', options, { stdio: 'pipe' });
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true });
    throw error;
  }
}

function unmount(folder: string): void {
  execFileSync('umount', [folder]);
  rmSync(folder, { recursive: true });
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
