import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { runSlices, workInSlice } from './slices.ts';

/** A batch over a table of so many rows, and the limits that it was called with. */
function rowsToWorkOn(rows: number) {
  const limits: number[] = [];
  let left = rows;
  const batch = (limit: number) => {
    limits.push(limit);
    const taken = Math.min(limit, left);
    left -= taken;
    return taken;
  };
  return { batch, limits, left: () => left };
}

test('a slice takes all rows of all tables if there are few', () => {
  const [first, second] = [rowsToWorkOn(30), rowsToWorkOn(3)];
  expect(workInSlice([first.batch, second.batch], { clock: () => 0 })).toEqual({ rows: 33, isDone: true });
  expect([first.left(), second.left()]).toEqual([0, 0]);
});

test('a slice of no rows is done', () => {
  expect(workInSlice([rowsToWorkOn(0).batch], { clock: () => 0 })).toEqual({ rows: 0, isDone: true });
});

test('a slice has at most 250 rows, however fast they are [T-FLOOD-05]', () => {
  const [first, second] = [rowsToWorkOn(1_000_000), rowsToWorkOn(1)];
  expect(workInSlice([first.batch, second.batch], { clock: () => 0 })).toEqual({ rows: 250, isDone: false });
  expect(second.left()).toBe(1);
});

test('a slice ends with the first batch that finishes after 5 ms [T-FLOOD-05]', () => {
  let now = 0;
  const { batch, limits } = rowsToWorkOn(1_000_000);
  const slow = (limit: number) => {
    now += 2;
    return batch(limit);
  };
  expect(workInSlice([slow], { clock: () => now })).toEqual({ rows: limits.length * 25, isDone: false });
  expect(now).toBe(6);
  workInSlice([slow], { sliceMs: 11, clock: () => now });
  expect(now).toBe(18);
});

test('a slice processes a batch even if the clock jumps, so that the work ends', () => {
  let now = 0;
  const clock = () => {
    now += 1000;
    return now;
  };
  expect(workInSlice([rowsToWorkOn(0).batch, rowsToWorkOn(100).batch], { clock })).toEqual({
    rows: 25,
    isDone: false,
  });
});

test('slices run one after the other until one says that there is no more', async () => {
  const slices: string[] = [];
  await runSlices(async () => {
    slices.push('begins');
    await setImmediate();
    return slices.push('ends') < 6;
  });
  expect(slices).toEqual(['begins', 'ends', 'begins', 'ends', 'begins', 'ends']);
});

test('between two slices, requests get at least as much time as the slice took [T-FLOOD-05]', async () => {
  const slices: { begins: number; ends: number }[] = [];
  await runSlices(async () => {
    const begins = performance.now();
    while (performance.now() < begins + 20);
    return slices.push({ begins, ends: performance.now() }) < 3;
  });
  for (const [index, { begins }] of slices.slice(1).entries()) {
    const { begins: began = 0, ends = 0 } = slices[index] ?? {};
    // A timer may fire up to a millisecond early.
    expect(begins - ends).toBeGreaterThan(ends - began - 2);
  }
});

test('slices stop when they are told to, however many remain', async () => {
  let slices = 0;
  await runSlices(
    async () => {
      slices += 1;
      return true;
    },
    () => slices === 3,
  );
  expect(slices).toBe(3);
});
