import { expect, test } from 'vitest';
import { countPlaywright, countStage, countVitest } from './counts.ts';

test('whatever Vitest did not pass has failed, but for what this machine cannot do', () => {
  const report = {
    numTotalTests: 7,
    numPassedTests: 4,
    numFailedTests: 1,
    numPendingTests: 1,
    numTodoTests: 1,
  };
  expect(countVitest(JSON.stringify(report))).toEqual({ passed: 4, failed: 2, leftOut: 1 });
});

test('flaky and skipped stories of Playwright have failed', () => {
  const report = { stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 1 } };
  expect(countPlaywright(JSON.stringify(report))).toEqual({ passed: 5, failed: 3, leftOut: 0 });
});

test('a stage without tests counts as one', () => {
  expect(countStage(true, null)).toEqual({ passed: 1, failed: 0, leftOut: 0 });
  expect(countStage(false, null)).toEqual({ passed: 0, failed: 1, leftOut: 0 });
});

test('a stage whose tests all passed, but that ended badly, has failed', () => {
  expect(countStage(false, { passed: 9, failed: 0, leftOut: 0 })).toEqual({
    passed: 9,
    failed: 1,
    leftOut: 0,
  });
});

test('a stage that found no test has failed', () => {
  expect(countStage(true, { passed: 0, failed: 0, leftOut: 0 })).toEqual({
    passed: 0,
    failed: 1,
    leftOut: 0,
  });
});

test('a stage with failed tests has as many failures as it reports', () => {
  expect(countStage(false, { passed: 2, failed: 3, leftOut: 0 })).toEqual({
    passed: 2,
    failed: 3,
    leftOut: 0,
  });
});
