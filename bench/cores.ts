/**
 * Pins the servers to one core and the load to another, so that neither takes time from the other, and the
 * number of cores doesn't matter. Without `taskset` (as on macOS) or with only one core, nothing is pinned,
 * and the report says so.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findOnPath } from '../scripts/checks/browser.ts';

type Pinning = {
  readonly taskset: string;
  /** All processors that this process may use, as Linux lists them. */
  readonly allowed: string;
  readonly server: number;
  readonly load: number;
  /** Whether the two are threads of one core, because the machine has no other core. */
  readonly areSiblings: boolean;
};

/** Null if nothing is pinned. */
let pinning: Pinning | null = null;

/** Pins this process, and thereby those that it starts from now on, to the core of the servers. */
export function pinToServerCore(): void {
  pinning = choosePinning();
  if (pinning !== null) pinThisProcess(pinning, String(pinning.server));
}

/** Runs a function whose processes may use all cores. */
export async function runUnpinned<Result>(run: () => Promise<Result>): Promise<Result> {
  if (pinning === null) return await run();
  pinThisProcess(pinning, pinning.allowed);
  try {
    return await run();
  } finally {
    pinThisProcess(pinning, String(pinning.server));
  }
}

/** @returns the command that runs the given one on the core of the load */
export function pinCommand(command: readonly string[]): readonly string[] {
  return pinning === null ? command : [pinning.taskset, '--cpu-list', String(pinning.load), ...command];
}

/** @returns where the load runs */
export function describePinning(): string {
  if (pinning === null) return 'not pinned to a core';
  return pinning.areSiblings
    ? 'on a thread of the same core as the servers'
    : 'on a different core from the servers';
}

function choosePinning(): Pinning | null {
  const taskset = findOnPath('taskset');
  if (taskset === null) return null;
  const status = readFileSync('/proc/self/status', 'utf8');
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '';
  const [server, ...others] = parseCpuList(allowed);
  const topology = `/sys/devices/system/cpu/cpu${server}/topology/thread_siblings_list`;
  const siblings = parseCpuList(readFileSync(topology, 'utf8'));
  const load = others.find((cpu) => !siblings.includes(cpu)) ?? others[0];
  if (server === undefined || load === undefined) return null;
  return { taskset, allowed, server, load, areSiblings: siblings.includes(load) };
}

/** @param list as in proc(5), such as `0-2,5` */
export function parseCpuList(list: string): number[] {
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

function pinThisProcess({ taskset }: Pinning, cpuList: string): void {
  execFileSync(taskset, ['--all-tasks', '--pid', '--cpu-list', cpuList, String(process.pid)], {
    stdio: 'ignore',
  });
}
