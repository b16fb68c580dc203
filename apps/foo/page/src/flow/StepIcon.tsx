/** An icon for each state of a step. The name of the state is always beside it. */
import type { ReactNode } from 'react';
import type { StepState } from './step-view.ts';

const SHAPES: Record<StepState, ReactNode> = {
  'not yet': <circle cx="8" cy="8" r="5" strokeDasharray="2 2.5" />,
  'your turn': <path d="M3 8h10M9 4l4 4-4 4" />,
  pending: <path d="M3 8h.01M8 8h.01M13 8h.01" strokeWidth="3" />,
  done: <path d="m3 8.5 3.5 3.5L13 4.5" />,
  skipped: <path d="M2.5 10.5c1.5-6 9.5-6 11 0M13.5 6v4.5H9" />,
  refused: <path d="m4 4 8 8m0-8-8 8" />,
  unanswered: <path d="M8 2.5 14 13H2ZM8 7v2m0 2v.01" strokeWidth="1.5" />,
};

export function StepIcon({ state }: { state: StepState }) {
  return (
    <svg className="step-icon" viewBox="0 0 16 16" aria-hidden="true">
      {SHAPES[state]}
    </svg>
  );
}
