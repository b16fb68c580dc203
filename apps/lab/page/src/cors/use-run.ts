/** Runs an experiment, one run at a time, and keeps the outcome of the last run. */
import { useRef, useState } from 'react';
import type { TargetOrigins } from '../../../cors/experiment-request.ts';
import type { ExperimentStep } from '../../../cors/policy.ts';
import { type RunOutcome, runExperiment } from './run-experiment.ts';
import { LabUnavailableError } from './set-cookies.ts';

export function useRun(origins: TargetOrigins) {
  const [outcome, setOutcome] = useState<RunOutcome | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [isRunning, setRunning] = useState(false);
  /** Incremented by each run and each change, so that an outdated run shows nothing. */
  const latest = useRef(0);

  function clear() {
    latest.current += 1;
    setOutcome(null);
    setFailure(null);
    setRunning(false);
  }

  async function run(steps: readonly ExperimentStep[]) {
    clear();
    const own = latest.current;
    setRunning(true);
    try {
      const found = await runExperiment(steps, origins);
      if (own === latest.current) setOutcome(found);
    } catch (error) {
      if (!(error instanceof LabUnavailableError)) throw error;
      if (own === latest.current) setFailure(error.message);
    } finally {
      if (own === latest.current) setRunning(false);
    }
  }

  return { outcome, failure, isRunning, run, clear };
}
