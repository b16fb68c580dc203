/**
 * The method of all comparisons of servers: rounds that take turns, A B A B …, and ratios of two results of
 * the same round. If the machine is slower for a while, it is slower for both, and the ratio stays the same.
 */
import { type Load, type LoadOptions, load } from './load/load.ts';
import { processorMilliseconds } from './processor-time.ts';
import { CONNECTIONS, expectResponse, type HttpRequest, type IsExpected } from './requests.ts';
import { pairedRatios, type Quartiles, quartiles } from './statistics.ts';

export type Plan = {
  readonly rounds: number;
  readonly roundSeconds: number;
  /** Only shows that the comparison can run. Its figures mean nothing. */
  readonly isQuick: boolean;
};

export const FULL_PLAN: Plan = { rounds: 7, roundSeconds: 3, isQuick: false };
export const QUICK_PLAN: Plan = { rounds: 1, roundSeconds: 1, isQuick: true };

const WARM_UP_SECONDS = 3;

export type Subject = {
  readonly name: string;
  /** Rejects if the responses aren't those to measure. Runs before the warm-up and after the last round. */
  readonly check?: () => Promise<void>;
  /** Prepares a measurement. Neither its time nor its processor time is counted. */
  readonly prepare?: (seconds: number) => Promise<void>;
  /** Measures for about this many seconds. */
  readonly measure: (seconds: number) => Promise<Load>;
  /** Processes whose processor time counts, and that of the processes that they have started. */
  readonly pids?: readonly number[];
};

export type SubjectResult = {
  readonly name: string;
  readonly perSecond: Quartiles;
  /** `perSecond`, divided by that of the first subject in the same rounds. */
  readonly ratio: Quartiles;
  readonly p50Ms: Quartiles;
  readonly p99Ms: Quartiles;
  /** Processor time of each of `pids` per response. NaN on systems without /proc. */
  readonly cpuMs: readonly Quartiles[];
  /** The same of all `pids` together. */
  readonly totalCpuMs: Quartiles;
};

/** @param subjects the first is the one that the others are compared with */
export async function compare(subjects: readonly Subject[], plan: Plan): Promise<SubjectResult[]> {
  const results = new Map<Subject, (Load & { cpuMs: number[] })[]>(subjects.map((subject) => [subject, []]));
  for (const { check } of subjects) await check?.();
  for (const { prepare, measure } of plan.isQuick ? [] : subjects) {
    await prepare?.(WARM_UP_SECONDS);
    await measure(WARM_UP_SECONDS);
  }
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const [{ prepare, measure, pids = [] }, rounds] of results) {
      await prepare?.(plan.roundSeconds);
      const before = pids.map(processorMilliseconds);
      const result = await measure(plan.roundSeconds);
      const after = pids.map(processorMilliseconds);
      const cpuMs = after.map((value, index) => (value - (before[index] ?? Number.NaN)) / result.responses);
      rounds.push({ ...result, cpuMs });
    }
  }
  for (const { check } of subjects) await check?.();
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
    totalCpuMs: quartiles(rounds.map(({ cpuMs }) => cpuMs.reduce((sum, each) => sum + each, 0))),
  }));
}

type RoundOptions = Partial<Pick<LoadOptions, 'connections' | 'maxFailureShare'>>;

/** Sends the same requests in turn, over and over. */
export function sendRepeatedly(
  name: string,
  address: string,
  requests: readonly HttpRequest[],
  isExpected: IsExpected,
  options: RoundOptions = {},
): Subject {
  return {
    name,
    check: async () => {
      for (const request of requests.slice(0, 1)) await expectResponse(address, request, isExpected);
    },
    measure: (seconds) => load(address, requests, { connections: CONNECTIONS, ...options, seconds }),
  };
}

/** Requests per second to prepare for the first round, before the rate is known. */
const INITIAL_REQUESTS_PER_SECOND = 1000;
/** More than a round uses, so that few rounds end early. */
const RESERVE_FACTOR = 1.3;

/**
 * Sends requests that a server accepts once.
 *
 * @param prepare makes `count` new requests before each round
 */
export function sendOnce(
  name: string,
  address: string,
  prepare: (count: number) => Promise<readonly HttpRequest[]>,
  isExpected: IsExpected,
  options: RoundOptions = {},
): Subject {
  let perSecond = INITIAL_REQUESTS_PER_SECOND;
  let requests: readonly HttpRequest[] = [];
  return {
    name,
    check: async () => {
      for (const request of await prepare(1)) await expectResponse(address, request, isExpected);
    },
    prepare: async (seconds) => {
      requests = await prepare(Math.ceil(perSecond * seconds * RESERVE_FACTOR));
    },
    measure: async (seconds) => {
      const loadOptions = { connections: CONNECTIONS, ...options, seconds, isOnce: true };
      const result = await load(address, requests, loadOptions);
      perSecond = result.responses / result.seconds;
      return result;
    },
  };
}
