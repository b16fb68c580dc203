/** One row of the diagram: the purpose and the state of a step, and beside them its HTTP exchange. */
import type { Step, StepReport } from '@samesite-sso/browser';
import { FIVE_STEPS } from './five-steps.ts';
import { HttpExchange } from './HttpExchange.tsx';
import { StepIcon } from './StepIcon.tsx';
import { labelOf, STATE_NAMES, type StepState } from './step-view.ts';
import './FlowStep.css';

interface Props {
  step: Step;
  report: StepReport | undefined;
  state: StepState;
  origins: Record<'app' | 'SSO service', string>;
}

export function FlowStep({ step, report, state, origins }: Props) {
  const { title, purpose, to, request } = FIVE_STEPS[step];
  const label = labelOf(report);

  return (
    <li className="step" data-step={step} data-state={state}>
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
          <StepIcon state={state} />
          <b>{STATE_NAMES[state]}</b>
          {label && <span>{label}</span>}
        </p>
      </div>
      <HttpExchange
        to={to}
        request={report?.request ?? { ...request, origin: origins[to] }}
        state={state}
        report={report}
        hasIntrospection={step === 4}
      />
    </li>
  );
}
