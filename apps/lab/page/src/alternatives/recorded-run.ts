/** The recorded run of the experiments in a browser with and without `--disable-web-security`. */
import * as v from 'valibot';
import type { Experiment } from '../../../experiments/experiment.ts';

const readable = v.picklist(['yes', 'opaque', 'no']);

/** The schema of `experiments/without-checks.json`. The browser tests check its content. */
export const RecordedRun = v.strictObject({
  /** Such as `Chromium 156`. */
  browser: v.string(),
  recordedAt: v.pipe(v.string(), v.isoDate()),
  /** By the experiment's id: what the page could read of the last response. */
  results: v.record(v.string(), v.strictObject({ with: readable, without: readable })),
});
export type RecordedRun = v.InferOutput<typeof RecordedRun>;

export interface RecordedRow {
  id: string;
  title: string;
  with: v.InferOutput<typeof readable>;
  without: v.InferOutput<typeof readable>;
}

/** Returns the recorded experiments in the page's order, first those that end differently. */
export function toRecordedRows(
  { results }: RecordedRun,
  experiments: readonly Experiment[],
): readonly RecordedRow[] {
  const rows = experiments.flatMap(({ id, title }) => {
    const result = results[id];
    return result ? [{ id, title, ...result }] : [];
  });
  const isDiffering = (row: RecordedRow) => row.with !== row.without;
  return [...rows.filter(isDiffering), ...rows.filter((row) => !isDiffering(row))];
}
