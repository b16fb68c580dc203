/** The recorded run in the repository, and its order on the page. */
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { experiments } from '../../../experiments/experiments.ts';
import recordedRun from '../../../experiments/without-checks.json' with { type: 'json' };
import { RecordedRun, toRecordedRows } from './recorded-run.ts';

const catalogue = experiments('http://lab.example.localhost:4010');

it('The recorded run contains exactly the experiments of the catalogue', () => {
  const { results } = v.parse(RecordedRun, recordedRun);
  expect(Object.keys(results).toSorted()).toEqual(catalogue.map(({ id }) => id).toSorted());
});

it('Experiments in which the checks make a difference come first, and unrecorded ones are left out', () => {
  const [first, second, third] = catalogue;
  if (!first || !second || !third) throw new Error('there are three experiments');
  const results = {
    [first.id]: { with: 'yes', without: 'yes' },
    [third.id]: { with: 'no', without: 'yes' },
  } as const;
  const rows = toRecordedRows({ browser: 'Chromium 156', recordedAt: '2026-11-29', results }, catalogue);
  expect(rows.map(({ id }) => id)).toEqual([third.id, first.id]);
});
