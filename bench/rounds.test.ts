import { expect, test } from 'vitest';
import type { Load } from './load/load.ts';
import { compare, FULL_PLAN, QUICK_PLAN, type Subject } from './rounds.ts';

const LOAD: Load = { responses: 100, seconds: 1, failures: 0, p50Ms: 1, p99Ms: 2, maxMs: 3 };

/** A subject that records its calls. */
function subject(name: string, calls: string[], rates: readonly number[] = []): Subject {
  let measured = 0;
  return {
    name,
    check: async () => void calls.push(`check ${name}`),
    prepare: async (seconds) => void calls.push(`prepare ${name} for ${seconds} s`),
    measure: async (seconds) => {
      calls.push(`measure ${name} for ${seconds} s`);
      return { ...LOAD, responses: rates[measured++] ?? LOAD.responses };
    },
  };
}

test('the subjects of a comparison take turns after a warm-up, between two checks', async () => {
  const calls: string[] = [];
  const plan = { rounds: 2, roundSeconds: 5, isQuick: false };
  await compare([subject('A', calls), subject('B', calls)], plan);
  const turns = (seconds: number) =>
    ['A', 'B'].flatMap((name) => [`prepare ${name} for ${seconds} s`, `measure ${name} for ${seconds} s`]);
  const checks = ['check A', 'check B'];
  expect(calls).toEqual([...checks, ...turns(3), ...turns(5), ...turns(5), ...checks]);
});

test('a comparison leaves the warm-up out of its results', async () => {
  const plan = { ...FULL_PLAN, rounds: 3 };
  const subjects = [subject('A', [], [1, 100, 10, 200]), subject('B', [], [99, 50, 5, 100])];
  const [, results] = await compare(subjects, plan);
  expect(results?.perSecond).toEqual({ q1: 27.5, median: 50, q3: 75 });
  expect(results?.ratio).toEqual({ q1: 0.5, median: 0.5, q3: 0.5 });
});

test('a comparison fails if a check after the last round fails', async () => {
  const calls: string[] = [];
  const check = async () => {
    if (calls.length > 0) throw new Error('a response has changed');
  };
  const comparing = compare([{ ...subject('A', calls), check }], QUICK_PLAN);
  await expect(comparing).rejects.toThrow('a response has changed');
});

test.runIf(process.platform === 'linux')('preparing a round takes none of its processor time', async () => {
  const busy = async () => {
    const { user } = process.cpuUsage();
    while (process.cpuUsage().user < user + 200_000) Array.from({ length: 10_000 }, (_, index) => index);
  };
  const [results] = await compare([{ ...subject('A', []), prepare: busy, pids: [process.pid] }], QUICK_PLAN);
  const cpuMs = (results?.totalCpuMs.median ?? Number.NaN) * LOAD.responses;
  expect(cpuMs).toBeLessThan(100);
  expect(results?.cpuMs).toHaveLength(1);
});
