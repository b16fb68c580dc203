import type { Step, StepReport } from '@samesite-sso/browser';
import type { Walk } from '@samesite-sso/react';
import { describe, expect, it } from 'vitest';
import { reasonOf, stateOf, stepsTaken, summaryOf } from './step-view.ts';

function walkOf(states: Partial<Record<Step, StepReport['state']>>): Walk {
  const reports = Object.entries(states).map(([step, state]): [string, StepReport] => [
    step,
    { step: Number(step) as Step, state, why: 'a reason' },
  ]);
  return Object.fromEntries(reports);
}

describe('the state of a step', () => {
  it('is what was last reported of it', () => {
    expect(stateOf(2, walkOf({ 2: 'refused' }), 'unknown')).toBe('refused');
  });

  it('is "not yet" before the walk gets there', () => {
    expect(stateOf(3, walkOf({ 1: 'done' }), 'unknown')).toBe('not yet');
  });

  it('is the turn of the person at step 5, once a password is wanted', () => {
    expect(stateOf(5, walkOf({ 1: 'done', 2: 'done' }), 'unknown')).toBe('not yet');
    expect(stateOf(5, walkOf({ 1: 'done', 2: 'done' }), 'password wanted')).toBe('your turn');
    expect(stateOf(5, walkOf({ 5: 'pending' }), 'password wanted')).toBe('pending');
  });

  it('is the turn of the person at step 3, once they are asked whether to go on', () => {
    const walk = walkOf({ 1: 'done', 2: 'done', 5: 'skipped' });
    expect(stateOf(3, walk, 'unknown')).toBe('not yet');
    expect(stateOf(3, walk, 'confirmation wanted')).toBe('your turn');
    expect(stateOf(4, walk, 'confirmation wanted')).toBe('not yet');
    expect(stateOf(5, walk, 'confirmation wanted')).toBe('skipped');
    expect(stateOf(3, walkOf({ 3: 'pending' }), 'confirmation wanted')).toBe('pending');
  });

  it('has its reason told where its word is not enough', () => {
    expect(reasonOf(walkOf({ 1: 'skipped' })[1])).toBe('a reason');
    expect(reasonOf(walkOf({ 1: 'unanswered' })[1])).toBeNull();
    expect(reasonOf(undefined)).toBeNull();
  });
});

describe('the steps taken', () => {
  it('come in the order of the walk, step 5 before 3, without those that were skipped', () => {
    const walk = walkOf({ 1: 'done', 2: 'done', 3: 'done', 4: 'skipped', 5: 'done' });
    expect(stepsTaken(walk).map(({ step }) => step)).toEqual([1, 2, 5, 3]);
  });
});

describe('the summary of a walk', () => {
  it('waits for the end of it', () => {
    expect(summaryOf({}, 'unknown')).toBeNull();
    expect(summaryOf(walkOf({ 1: 'done', 2: 'pending' }), 'unknown')).toBeNull();
  });

  it.each([
    [
      { 1: 'done', 2: 'skipped', 3: 'skipped', 4: 'skipped', 5: 'skipped' },
      'Step 1 was enough: this app knew you already.',
    ],
    [{ 1: 'done', 2: 'done' }, 'Steps 1 and 2 found you signed in, here and at the SSO service.'],
    [
      { 1: 'done', 2: 'done', 3: 'done', 4: 'done', 5: 'skipped' },
      'Signed in without a password by steps 1, 2, 3 and 4.',
    ],
    [
      { 1: 'done', 2: 'done', 3: 'done', 4: 'done', 5: 'done' },
      'Signed in with your password by steps 1, 2, 5, 3 and 4.',
    ],
    [{ 1: 'done', 2: 'unanswered' }, 'Step 2 got no answer.'],
  ] as const)('of somebody signed in reads %o as "%s"', (states, sentence) => {
    expect(summaryOf(walkOf(states), 'signed in')).toBe(sentence);
  });

  it('tells whose turn it is when nobody is signed in', () => {
    expect(summaryOf(walkOf({ 1: 'done', 2: 'done' }), 'password wanted')).toBe(
      'Nobody is signed in on this site: step 5 waits for you.',
    );
  });

  it('tells that the steps are those of a walk before the sign-out', () => {
    const words = 'These steps were taken before you signed out.';
    expect(summaryOf(walkOf({ 1: 'done', 2: 'done', 3: 'done', 4: 'done' }), 'password wanted')).toBe(words);
    expect(summaryOf(walkOf({ 1: 'done', 4: 'skipped' }), 'password wanted')).toBe(words);
  });

  it('tells whose turn it is when somebody is asked whether to go on', () => {
    expect(summaryOf(walkOf({ 1: 'done', 2: 'done', 5: 'skipped' }), 'confirmation wanted')).toBe(
      'You are signed in on this site: step 3 waits for you.',
    );
  });

  it('tells where the walk stopped', () => {
    expect(summaryOf(walkOf({ 1: 'done', 2: 'done', 5: 'refused' }), 'password wanted')).toBe(
      'Step 5 was refused.',
    );
    expect(summaryOf(walkOf({ 1: 'unanswered' }), 'unknown')).toBe('Step 1 got no answer.');
  });
});
