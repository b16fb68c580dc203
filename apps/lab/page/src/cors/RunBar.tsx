/** The button that runs the experiment, and a live region that summarizes the result. */
import { useEffect, useRef } from 'react';
import type { Verdict } from '../../../cors/verdict.ts';
import { summarize } from './result/summary.ts';
import type { StepResult } from './run-experiment.ts';
import './RunBar.css';

interface Props {
  isValid: boolean;
  isRunning: boolean;
  /** Why the last run failed. */
  failure: string | null;
  verdicts: readonly Verdict[];
  results: readonly StepResult[] | null;
  run: () => void;
}

export function RunBar(props: Props) {
  const { isValid, isRunning, failure, results, run } = props;
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (results !== null) showResult(place.current);
  }, [results]);

  return (
    <>
      <div className="run-bar-place" ref={place} />
      <div className="run-bar">
        <button
          type="button"
          className="button button-primary"
          disabled={!isValid}
          aria-disabled={isRunning}
          onClick={() => isRunning || run()}
        >
          Run the experiment
        </button>
        <p role="status" data-failed={failure !== null}>
          {statusOf(props)}
        </p>
      </div>
    </>
  );
}

/** Scrolls to the bar, with the results below it, only if it is above the viewport or in its lower half. */
function showResult(place: HTMLElement | null): void {
  const top = place?.getBoundingClientRect().top ?? 0;
  if (top < 0 || top > innerHeight / 2) place?.scrollIntoView({ block: 'start' });
}

function statusOf({ isValid, isRunning, failure, verdicts, results }: Props): string {
  if (!isValid) return 'Correct the marked field first. The prediction below is for the last valid values.';
  if (isRunning) return 'Running …';
  if (failure !== null) return `${failure} This says nothing about CORS.`;
  if (results === null) return 'Not run yet. Below is the prediction.';
  return summarize(verdicts, results);
}
