/** One row of the diagram: the purpose and the state of a step, and beside them its HTTP exchange. */
import type { ReactNode } from 'react';
import { FIVE_STEPS, PASSKEY_STEP } from './five-steps.ts';
import { HttpExchange, type StepProps } from './HttpExchange.tsx';
import { labelOf, type StepState, stateNameOf, usesPasskey } from './step-view.ts';
import './FlowStep.css';

/** Each state has an icon of its own, beside its name. */
const ICONS: Record<StepState, ReactNode> = {
  'not yet': <circle cx="8" cy="8" r="5" strokeDasharray="2 2.5" />,
  'your turn': <path d="M3 8h10M9 4l4 4-4 4" />,
  pending: <path d="M3 8h.01M8 8h.01M13 8h.01" strokeWidth="3" />,
  done: <path d="m3 8.5 3.5 3.5L13 4.5" />,
  skipped: <path d="M2.5 10.5c1.5-6 9.5-6 11 0M13.5 6v4.5H9" />,
  refused: <path d="m4 4 8 8m0-8-8 8" />,
  unanswered: <path d="M8 2.5 14 13H2ZM8 7v2m0 2v.01" strokeWidth="1.5" />,
};

interface FlowStepProps extends StepProps {
  /** Whether this is step 1 or 2, and the two were sent at the same time. */
  isConcurrent: boolean;
}

export function FlowStep({ step, report, state, origins, isConcurrent }: FlowStepProps) {
  const { title, purpose } = usesPasskey(report) ? PASSKEY_STEP : FIVE_STEPS[step];
  const label = labelOf(report);

  return (
    <li className="step" data-step={step} data-state={state} data-concurrent={isConcurrent}>
      <div className="step-text">
        {step === 5 && <p className="step-condition">Only if nobody is signed in</p>}
        <span className="step-number" aria-hidden="true">
          {step}
        </span>
        <h3>
          <span className="for-screen-readers">Step {step}: </span>
          {title}
        </h3>
        <p className="step-purpose">{purpose}</p>
        <p className="step-state">
          <svg className="step-icon" viewBox="0 0 16 16" aria-hidden="true">
            {ICONS[state]}
          </svg>
          <b>{stateNameOf(state, report)}</b>
          {label && <span>{label}</span>}
        </p>
        {isConcurrent && step === 2 && <p className="step-same-time">At the same time as step 1</p>}
      </div>
      <HttpExchange step={step} report={report} state={state} origins={origins} />
    </li>
  );
}
