/** One row of the diagram: what the step is for and what became of it; beside it, what went over the wire. */
import type { Step, StepReport } from '@samesite-sso/browser';
import { FIVE_STEPS } from './five-steps.ts';
import { StateMark } from './StateMark.tsx';
import { reasonOf, STATE_WORDS, type StepState } from './step-view.ts';
import { Wire } from './Wire.tsx';
import './FlowStep.css';

interface Props {
  step: Step;
  report: StepReport | undefined;
  state: StepState;
  origins: Record<'app' | 'SSO service', string>;
}

export function FlowStep({ step, report, state, origins }: Props) {
  const { title, purpose, to, request } = FIVE_STEPS[step];
  const reason = reasonOf(report);

  return (
    <li className="step" data-step={step} data-state={state}>
      <div className="step-text">
        {step === 5 && <p className="step-condition">Only when nobody is signed in</p>}
        <span className="step-number" aria-hidden="true">
          {step}
        </span>
        <h3>
          <span className="for-screen-readers">Step {step}: </span>
          {title}
        </h3>
        <p className="step-purpose">{purpose}</p>
        <p className="step-state">
          <StateMark state={state} />
          <b>{STATE_WORDS[state]}</b>
          {reason && <span>{reason}</span>}
        </p>
      </div>
      <Wire
        to={to}
        request={report?.request ?? { ...request, origin: origins[to] }}
        state={state}
        report={report}
        introspects={step === 4}
      />
    </li>
  );
}
