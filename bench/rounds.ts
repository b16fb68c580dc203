/**
 * The method of all comparisons of servers: rounds that take turns, A B A B …, and ratios of two results of
 * the same round. If the machine is slower for a while, it is slower for both, and the ratio stays.
 */
import { readFileSync } from 'node:fs';
import { type HttpRequest, type Load, load } from './load/load.ts';
import { pairedRatios, type Quartiles, quartiles } from './statistics.ts';

export type Plan = {
  readonly rounds: number;
  readonly roundSeconds: number;
  /** Only shows that everything can run; its figures mean nothing. */
  readonly isQuick: boolean;
};

export const FULL: Plan = { rounds: 7, roundSeconds: 3, isQuick: false };
export const QUICK: Plan = { rounds: 1, roundSeconds: 1, isQuick: true };

export const CONNECTIONS = 32;

const WARM_UP_SECONDS = 3;

export type Subject = {
  readonly name: string;
  /** Makes what a measurement needs, which counts neither as its time nor as its processor time. */
  readonly prepare?: (seconds: number) => Promise<void>;
  /** Measures for about so long. */
  readonly measure: (seconds: number) => Promise<Load>;
  /** Processes whose processor time counts. */
  readonly pids?: readonly number[];
};

export type Comparison = {
  readonly name: string;
  readonly perSecond: Quartiles;
  /** To the first subject, in the same rounds. */
  readonly ratio: Quartiles;
  readonly p50Ms: Quartiles;
  readonly p99Ms: Quartiles;
  /** Processor time of each of `pids` per response. NaN on systems without /proc. */
  readonly cpuMs: readonly Quartiles[];
};

/** @param subjects the first is the one that the others are compared with */
export async function compare(subjects: readonly Subject[], plan: Plan): Promise<Comparison[]> {
  const results = new Map<Subject, (Load & { cpuMs: number[] })[]>(subjects.map((subject) => [subject, []]));
  for (const { prepare, measure } of plan.isQuick ? [] : subjects) {
    await prepare?.(WARM_UP_SECONDS);
    await measure(WARM_UP_SECONDS);
  }
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const [subject, rounds] of results) {
      await subject.prepare?.(plan.roundSeconds);
      const before = (subject.pids ?? []).map(cpuMilliseconds);
      const result = await subject.measure(plan.roundSeconds);
      const after = (subject.pids ?? []).map(cpuMilliseconds);
      const cpuMs = after.map((value, index) => (value - (before[index] ?? Number.NaN)) / result.responses);
      rounds.push({ ...result, cpuMs });
    }
  }
  const rates = [...results.values()].map((rounds) =>
    rounds.map(({ responses, seconds }) => responses / seconds),
  );
  return [...results].map(([{ name, pids = [] }, rounds], index) => ({
    name,
    perSecond: quartiles(rates[index] ?? []),
    ratio: quartiles(pairedRatios(rates[index] ?? [], rates[0] ?? [])),
    p50Ms: quartiles(rounds.map(({ p50Ms }) => p50Ms)),
    p99Ms: quartiles(rounds.map(({ p99Ms }) => p99Ms)),
    cpuMs: pids.map((_, process) => quartiles(rounds.map(({ cpuMs }) => cpuMs[process] ?? Number.NaN))),
  }));
}

/** Sends the same requests in turn, over and over. */
export function repeated(name: string, address: string, requests: readonly HttpRequest[]): Subject {
  return {
    name,
    measure: (seconds) => load(address, requests, { seconds, connections: CONNECTIONS }),
  };
}

/** Requests in a first round, before the rate is known. */
const FIRST_COUNT_PER_SECOND = 1000;
/** More than a round uses, so that few rounds end early. */
const RESERVE = 1.3;

/**
 * Sends requests that a server accepts once.
 *
 * @param prepare makes so many new requests, before each round
 */
export function once(
  name: string,
  address: string,
  prepare: (count: number) => Promise<readonly HttpRequest[]>,
): Subject {
  let perSecond = FIRST_COUNT_PER_SECOND;
  let requests: readonly HttpRequest[] = [];
  return {
    name,
    prepare: async (seconds) => {
      requests = await prepare(Math.ceil(perSecond * seconds * RESERVE));
    },
    measure: async (seconds) => {
      const result = await load(address, requests, { seconds, connections: CONNECTIONS, isOnce: true });
      perSecond = result.responses / result.seconds;
      return result;
    },
  };
}

/** User and system time of a process, in Linux's ticks of 10 ms. */
function cpuMilliseconds(pid: number): number {
  try {
    // The second field is the name in parentheses; `utime` and `stime` are fields 14 and 15 (proc(5)).
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}
