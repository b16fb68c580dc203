/** The last walk in a sentence, announced when it ends and only then, and the time its requests took. */
import { useSso } from '@samesite-sso/react';
import { formatMilliseconds } from '../duration.ts';
import { stepsTaken, summaryOf } from './step-view.ts';

export function WalkSummary() {
  const { walk, standing } = useSso();
  const summary = summaryOf(walk, standing.status);
  const milliseconds = stepsTaken(walk).reduce((sum, report) => sum + (report.milliseconds ?? 0), 0);

  return (
    <p className="flow-summary">
      <span role="status">{summary}</span>{' '}
      {summary === null ? (
        <span className="late">Under way …</span>
      ) : (
        <span className="flow-total">{`${formatMilliseconds(milliseconds)} in all`}</span>
      )}
    </p>
  );
}
