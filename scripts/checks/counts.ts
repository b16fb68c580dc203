/**
 * How many tests of a stage passed and failed, read from the tools' own JSON reports. What this machine or this user
 * cannot do, such as filling a disk without being root, is left out, and counted for itself. (No test may be
 * skipped by hand: the linter refuses it.)
 */

export type Count = { readonly passed: number; readonly failed: number; readonly leftOut: number };

type VitestReport = {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTotalTests: number;
};

type PlaywrightReport = {
  readonly stats: Readonly<Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number>>;
};

export function countVitest(report: string): Count {
  const { numPassedTests, numPendingTests, numTotalTests } = JSON.parse(report) as VitestReport;
  const failed = numTotalTests - numPassedTests - numPendingTests;
  return { passed: numPassedTests, failed, leftOut: numPendingTests };
}

export function countPlaywright(report: string): Count {
  const { expected, unexpected, flaky, skipped } = (JSON.parse(report) as PlaywrightReport).stats;
  return { passed: expected, failed: unexpected + flaky + skipped, leftOut: 0 };
}

/**
 * What a stage comes to: its report's count, but never green when it ended badly, reported nothing or ran
 * nothing.
 */
export function countStage(endedWell: boolean, reported: Count | null): Count {
  const count = reported ?? { passed: endedWell ? 1 : 0, failed: 0, leftOut: 0 };
  const isSound = endedWell && count.passed > 0;
  return isSound || count.failed > 0 ? count : { ...count, failed: 1 };
}
