import type { Step, StepReport } from '@samesite-sso/browser';
import type { StepReports } from '@samesite-sso/react';
import { describe, expect, it } from 'vitest';
import {
  areConcurrent,
  labelOf,
  sentSteps,
  stateNameOf,
  stateOf,
  summaryOf,
  totalMsOf,
} from './step-view.ts';

function stepsIn(states: Partial<Record<Step, StepReport['state']>>): StepReports {
  const reports = Object.entries(states).map(([step, state]): [string, StepReport] => [
    step,
    { step: Number(step) as Step, state, label: 'a label' },
  ]);
  return Object.fromEntries(reports);
}

describe('the state of a step', () => {
  it('is the one that was reported last', () => {
    expect(stateOf(2, stepsIn({ 2: 'refused' }), 'loading')).toBe('refused');
  });

  it('is "not yet" before the flow gets there', () => {
    expect(stateOf(3, stepsIn({ 1: 'done' }), 'loading')).toBe('not yet');
  });

  it('is "your turn" at step 5 while nobody is signed in', () => {
    expect(stateOf(5, stepsIn({ 1: 'done', 2: 'done' }), 'loading')).toBe('not yet');
    expect(stateOf(5, stepsIn({ 1: 'done', 2: 'done' }), 'signed-out')).toBe('your turn');
    expect(stateOf(5, stepsIn({ 5: 'pending' }), 'signed-out')).toBe('pending');
  });

  it('is "your turn" at step 3 while a confirmation is required', () => {
    const steps = stepsIn({ 1: 'done', 2: 'done', 5: 'skipped' });
    expect(stateOf(3, steps, 'loading')).toBe('not yet');
    expect(stateOf(3, steps, 'confirmation-required')).toBe('your turn');
    expect(stateOf(4, steps, 'confirmation-required')).toBe('not yet');
    expect(stateOf(5, steps, 'confirmation-required')).toBe('skipped');
    expect(stateOf(3, stepsIn({ 3: 'pending' }), 'confirmation-required')).toBe('pending');
  });

  it('has a label if its name says too little', () => {
    expect(labelOf(stepsIn({ 1: 'skipped' })[1])).toBe('a label');
    expect(labelOf(stepsIn({ 1: 'unanswered' })[1])).toBeNull();
    expect(labelOf(undefined)).toBeNull();
  });
});

describe('the sent steps', () => {
  it('are in the order of the flow, step 5 before 3, without skipped ones', () => {
    const steps = stepsIn({ 1: 'done', 2: 'done', 3: 'done', 4: 'skipped', 5: 'done' });
    expect(sentSteps(steps).map(({ step }) => step)).toEqual([1, 2, 5, 3]);
  });
});

/** A report of a step that was sent at one time and ended at another, in milliseconds. */
function sentStep(step: Step, startedAtMs: number, endedAtMs?: number): StepReport {
  const request = { method: 'POST', origin: 'https://sso.example.com', path: '/' };
  const state = endedAtMs === undefined ? 'pending' : 'done';
  const duration = endedAtMs !== undefined && { durationMs: endedAtMs - startedAtMs };
  return { step, state, label: 'a label', request, startedAtMs, ...duration };
}

describe('steps 1 and 2', () => {
  it('were sent at the same time if step 2 was sent before step 1 ended', () => {
    expect(areConcurrent({ 1: sentStep(1, 10), 2: sentStep(2, 11) })).toBe(true);
    expect(areConcurrent({ 1: sentStep(1, 10, 60), 2: sentStep(2, 11, 40) })).toBe(true);
    expect(areConcurrent({ 1: sentStep(1, 10, 60), 2: sentStep(2, 61, 99) })).toBe(false);
  });

  it('weren’t sent at the same time if step 2 wasn’t sent', () => {
    expect(areConcurrent({ 1: sentStep(1, 10, 60), ...stepsIn({ 2: 'skipped' }) })).toBe(false);
    expect(areConcurrent({})).toBe(false);
  });

  it('are reported as simultaneous in the summary', () => {
    const steps = {
      1: sentStep(1, 0, 9),
      2: sentStep(2, 1, 9),
      3: sentStep(3, 9, 15),
      4: sentStep(4, 15, 30),
    };
    expect(summaryOf(steps, 'signed-in')).toBe(
      'Signed in without a password: steps 1 and 2 at the same time, then 3 and 4.',
    );
    const body = '{"request":"passkey login","credential":{}}';
    const request = { method: 'POST', origin: 'http://sso.example.localhost:4000', path: '/', body };
    expect(summaryOf({ ...steps, 5: { ...sentStep(5, 9, 10), request } }, 'signed-in')).toMatch(
      /^Signed in with your passkey: /,
    );
    expect(summaryOf({ ...steps, 5: sentStep(5, 9, 10) }, 'signed-in')).toBe(
      'Signed in with your password: steps 1 and 2 at the same time, then 5, 3 and 4.',
    );
  });

  it('show that a skipped step 2 was sent', () => {
    expect(stateNameOf('skipped', { ...sentStep(2, 1), state: 'skipped' })).toBe('Sent in advance');
    expect(stateNameOf('skipped', stepsIn({ 2: 'skipped' })[2])).toBe('Skipped');
  });
});

describe('the total time', () => {
  it.each([
    ['adds up steps one after the other, without the pauses', [sentStep(1, 0, 10), sentStep(5, 90, 100)], 20],
    ['counts overlapping time once', [sentStep(1, 0, 10), sentStep(2, 1, 15), sentStep(3, 15, 20)], 20],
    ['counts a step within another once', [sentStep(1, 5, 30), sentStep(2, 6, 15), sentStep(3, 30, 40)], 35],
    ['leaves out a pending step', [sentStep(1, 5, 30), sentStep(2, 6)], 25],
  ])('%s', (_how, sent, totalMs) => {
    expect(totalMsOf(sent)).toBe(totalMs);
  });
});

describe('the summary of a flow', () => {
  it('is absent until the flow has ended', () => {
    expect(summaryOf({}, 'loading')).toBeNull();
    expect(summaryOf(stepsIn({ 1: 'done', 2: 'pending' }), 'loading')).toBeNull();
  });

  it.each([
    [
      { 1: 'done', 2: 'skipped', 3: 'skipped', 4: 'skipped', 5: 'skipped' },
      'Step 1 was enough: you already had a session at this app.',
    ],
    [{ 1: 'done', 2: 'done' }, 'Steps 1 and 2 found your sessions at this app and at the SSO service.'],
    [
      { 1: 'done', 2: 'done', 3: 'done', 4: 'done', 5: 'skipped' },
      'Signed in without a password in steps 1, 2, 3 and 4.',
    ],
    [
      { 1: 'done', 2: 'done', 3: 'done', 4: 'done', 5: 'done' },
      'Signed in with your password in steps 1, 2, 5, 3 and 4.',
    ],
    [{ 1: 'done', 2: 'unanswered' }, 'Step 2 got no response.'],
  ] as const)('of a signed-in account reads %o as "%s"', (states, sentence) => {
    expect(summaryOf(stepsIn(states), 'signed-in')).toBe(sentence);
  });

  it('says that step 5 is waiting while nobody is signed in', () => {
    expect(summaryOf(stepsIn({ 1: 'done', 2: 'done' }), 'signed-out')).toBe(
      'Nobody is signed in on this site. Step 5 is waiting for you.',
    );
  });

  it('says that the steps are from before the sign-out', () => {
    const summary = 'These are the steps from before you signed out.';
    expect(summaryOf(stepsIn({ 1: 'done', 2: 'done', 3: 'done', 4: 'done' }), 'signed-out')).toBe(summary);
    expect(summaryOf(stepsIn({ 1: 'done', 4: 'skipped' }), 'signed-out')).toBe(summary);
  });

  it('says that step 3 is waiting while a confirmation is required', () => {
    expect(summaryOf(stepsIn({ 1: 'done', 2: 'done', 5: 'skipped' }), 'confirmation-required')).toBe(
      'You are signed in on this site. Step 3 is waiting for you.',
    );
  });

  it('says at which step the flow stopped', () => {
    expect(summaryOf(stepsIn({ 1: 'done', 2: 'done', 5: 'refused' }), 'signed-out')).toBe(
      'Step 5 was refused.',
    );
    expect(summaryOf(stepsIn({ 1: 'unanswered' }), 'loading')).toBe('Step 1 got no response.');
  });
});
