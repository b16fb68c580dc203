/**
 * Pins the servers to one core and the load to another, so that neither takes time from the other and the
 * figures of two machines with different numbers of cores can be compared. Without `taskset`, as on macOS,
 * and on one core nothing is pinned, and the report says so.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { findOnPath } from '../scripts/checks/browser.ts';

const SERVER_CORE = '0';
export const LOAD_CORE = '1';
const ALL_CORES = `0-${availableParallelism() - 1}`;

const taskset = availableParallelism() > 1 ? findOnPath('taskset') : null;
export const isPinning = taskset !== null;

/** Pins this process, and thereby those that it starts from now on, to the core of the servers. */
export function pinToServerCore(): void {
  pinThisProcess(SERVER_CORE);
}

export function unpin(): void {
  pinThisProcess(ALL_CORES);
}

/** @returns the command that runs the given one on a core */
export function pinned(core: string, command: readonly string[]): readonly string[] {
  return taskset === null ? command : [taskset, '--cpu-list', core, ...command];
}

function pinThisProcess(cores: string): void {
  if (taskset === null) return;
  execFileSync(taskset, ['--all-tasks', '--pid', '--cpu-list', cores, String(process.pid)], {
    stdio: 'ignore',
  });
}
