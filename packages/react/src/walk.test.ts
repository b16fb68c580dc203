import type { Step, StepReport } from '@samesite-sso/browser';
import { describe, expect, it } from 'vitest';
import { type Walk, withReport } from './walk.ts';

const report = (step: Step, state: StepReport['state']): StepReport => ({ step, state, why: 'a reason' });

const walked = (...reports: StepReport[]): Walk => reports.reduce(withReport, {});

const states = (walk: Walk) => Object.entries(walk).map(([step, { state }]) => `${step} ${state}`);

describe('the walk', () => {
  it('keeps the latest report of each step', () => {
    expect(states(walked(report(1, 'pending'), report(1, 'done'), report(2, 'pending')))).toEqual([
      '1 done',
      '2 pending',
    ]);
  });

  it('forgets the older walk when step 1 starts anew', () => {
    const older = walked(report(1, 'done'), report(2, 'done'), report(3, 'done'), report(4, 'done'));
    expect(states(withReport(older, report(1, 'pending')))).toEqual(['1 pending']);
  });

  it('keeps steps 1 and 2 and forgets 3 and 4 when a password is sent, since 5 comes before 3', () => {
    const older = walked(report(1, 'done'), report(2, 'done'), report(3, 'done'), report(4, 'refused'));
    expect(states(withReport(older, report(5, 'pending')))).toEqual(['1 done', '2 done', '5 pending']);
  });

  it('forgets the redemption when another token is asked for', () => {
    const older = walked(report(3, 'done'), report(4, 'refused'));
    expect(states(withReport(older, report(3, 'pending')))).toEqual(['3 pending']);
  });

  it('keeps what lies behind a step that is skipped', () => {
    const walk = walked(report(1, 'done'), report(2, 'skipped'), report(3, 'skipped'), report(5, 'skipped'));
    expect(states(walk)).toEqual(['1 done', '2 skipped', '3 skipped', '5 skipped']);
  });

  it('has no steps any more once it is to be forgotten', () => {
    expect(withReport(walked(report(1, 'done'), report(5, 'done')), 'forget')).toEqual({});
  });

  it('leaves the walk it was given as it was', () => {
    const older = walked(report(1, 'done'), report(2, 'done'));
    withReport(older, report(1, 'pending'));
    expect(states(older)).toEqual(['1 done', '2 done']);
  });
});
