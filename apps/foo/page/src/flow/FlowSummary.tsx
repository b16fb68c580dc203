/** One sentence about the last flow, which screen readers announce when it has ended, and its duration. */
import { useSso } from '@samesite-sso/react';
import { formatMilliseconds } from '../format-milliseconds.ts';
import { sentSteps, summaryOf } from './step-view.ts';

export function FlowSummary() {
  const { steps, status, error } = useSso();
  const sent = sentSteps(steps);
  const isBlocked = sent.length === 0 && error?.outcome.status === 'cookies-blocked';
  const summary = isBlocked ? 'Without cookies, no request is sent.' : summaryOf(steps, status);
  const totalMs = sent.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0);

  return (
    <p className="flow-summary">
      <span role="status">{summary}</span>{' '}
      {summary === null && <span className="delayed">In progress …</span>}
      {summary !== null && sent.length > 0 && (
        <span className="flow-total">{`${formatMilliseconds(totalMs)} in total`}</span>
      )}
    </p>
  );
}
