/** The processor time of a process and of the processes that it has started, from Linux's /proc (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in ticks of 10 ms. */
const TICK_MS = 10;

type Times = {
  readonly pid: number;
  readonly parent: number;
  readonly ownTicks: number;
  /** Of children that have ended, and of their children. */
  readonly endedTicks: number;
};

/** @returns user and system time in milliseconds; NaN on other systems, and for a process that has ended */
export function processorMilliseconds(pid: number): number {
  const all = readAll();
  const root = all.find((each) => each.pid === pid);
  return root === undefined ? Number.NaN : ticksOf(root, all) * TICK_MS;
}

function ticksOf({ pid, ownTicks, endedTicks }: Times, all: readonly Times[]): number {
  const children = all.filter(({ parent }) => parent === pid);
  return children.reduce((ticks, child) => ticks + ticksOf(child, all), ownTicks + endedTicks);
}

function readAll(): Times[] {
  try {
    return readdirSync('/proc').filter(isPid).map(Number).flatMap(readTimes);
  } catch {
    return [];
  }
}

function isPid(name: string): boolean {
  return /^\d+$/.test(name);
}

/** @returns nothing if the process has ended meanwhile */
function readTimes(pid: number): Times[] {
  try {
    // The second field is the name in parentheses. `ppid` is field 4, and the times are fields 14 to 17.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ').map(Number) ?? [];
    const field = (number: number) => fields[number - 3] ?? Number.NaN;
    return [{ pid, parent: field(4), ownTicks: field(14) + field(15), endedTicks: field(16) + field(17) }];
  } catch {
    return [];
  }
}
