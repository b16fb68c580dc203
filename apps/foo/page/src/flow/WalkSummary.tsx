/** The last walk in a sentence, announced when it ends and only then, and the time its requests took. */
import { useSso } from '@samesite-sso/react';
import { formatMilliseconds } from '../duration.ts';
import { stepsTaken, summaryOf } from './step-view.ts';

export function WalkSummary() {
  const { walk, standing, trouble } = useSso();
  const taken = stepsTaken(walk);
  const isBlocked = taken.length === 0 && trouble?.outcome.status === 'cookies blocked';
  const summary = isBlocked ? 'Without cookies no step is taken.' : summaryOf(walk, standing.status);
  const milliseconds = taken.reduce((sum, report) => sum + (report.milliseconds ?? 0), 0);

  return (
    <p className="flow-summary">
      <span role="status">{summary}</span> {summary === null && <span className="late">Under way …</span>}
      {summary !== null && taken.length > 0 && (
        <span className="flow-total">{`${formatMilliseconds(milliseconds)} in all`}</span>
      )}
    </p>
  );
}
