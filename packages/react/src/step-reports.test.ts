import type { Step, StepReport } from '@samesite-sso/browser';
import { describe, expect, it } from 'vitest';
import { type StepReports, withReport } from './sso-state.ts';

const report = (step: Step, state: StepReport['state']): StepReport => ({ step, state, label: 'a reason' });

const after = (...reports: StepReport[]): StepReports => reports.reduce(withReport, {});

const states = (reports: StepReports) =>
  Object.entries(reports).map(([step, { state }]) => `${step} ${state}`);

describe('the step reports', () => {
  it('are the latest of each step', () => {
    expect(states(after(report(1, 'pending'), report(1, 'done'), report(2, 'pending')))).toEqual([
      '1 done',
      '2 pending',
    ]);
  });

  it('start over when step 1 is pending', () => {
    const older = after(report(1, 'done'), report(2, 'done'), report(3, 'done'), report(4, 'done'));
    expect(states(withReport(older, report(1, 'pending')))).toEqual(['1 pending']);
  });

  it('keep steps 1 and 2 and drop 3 and 4 when step 5 is pending, since 5 comes before 3', () => {
    const older = after(report(1, 'done'), report(2, 'done'), report(3, 'done'), report(4, 'refused'));
    expect(states(withReport(older, report(5, 'pending')))).toEqual(['1 done', '2 done', '5 pending']);
  });

  it('drop step 4 when another token is requested', () => {
    const older = after(report(3, 'done'), report(4, 'refused'));
    expect(states(withReport(older, report(3, 'pending')))).toEqual(['3 pending']);
  });

  it('keep the steps after a skipped one', () => {
    const reports = after(
      report(1, 'done'),
      report(2, 'skipped'),
      report(3, 'skipped'),
      report(5, 'skipped'),
    );
    expect(states(reports)).toEqual(['1 done', '2 skipped', '3 skipped', '5 skipped']);
  });

  it('are empty after a reset', () => {
    expect(withReport(after(report(1, 'done'), report(5, 'done')), 'reset')).toEqual({});
  });

  it('are replaced rather than changed', () => {
    const older = after(report(1, 'done'), report(2, 'done'));
    withReport(older, report(1, 'pending'));
    expect(states(older)).toEqual(['1 done', '2 done']);
  });
});
