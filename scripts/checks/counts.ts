/**
 * How many tests of a stage passed and failed, read from the tools' own JSON reports. A test that was skipped
 * has not shown anything, so it counts as failed.
 */

export type Count = { readonly passed: number; readonly failed: number };

type VitestReport = {
  readonly numPassedTests: number;
  readonly numTotalTests: number;
};

type PlaywrightReport = {
  readonly stats: Readonly<Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number>>;
};

export function countVitest(report: string): Count {
  const { numPassedTests, numTotalTests } = JSON.parse(report) as VitestReport;
  return { passed: numPassedTests, failed: numTotalTests - numPassedTests };
}

export function countPlaywright(report: string): Count {
  const { expected, unexpected, flaky, skipped } = (JSON.parse(report) as PlaywrightReport).stats;
  return { passed: expected, failed: unexpected + flaky + skipped };
}

/**
 * What a stage comes to: its report's count, but never green when it ended badly, reported nothing or ran
 * nothing.
 */
export function countStage(endedWell: boolean, reported: Count | null): Count {
  const count = reported ?? { passed: endedWell ? 1 : 0, failed: 0 };
  const isSound = endedWell && count.passed > 0;
  return isSound || count.failed > 0 ? count : { ...count, failed: 1 };
}
