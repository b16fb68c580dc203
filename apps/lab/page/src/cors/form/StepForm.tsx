/** One step as a form: the page's request, and the target's policy at that time. */
import { useState } from 'react';
import type { TargetOrigins } from '../../../../cors/experiment-request.ts';
import type { ExperimentStep } from '../../../../cors/policy.ts';
import { type Difference, describeChanges } from '../differences-from-right.ts';
import type { Switch } from '../switches.ts';
import { PolicyFields } from './PolicyFields.tsx';
import { RequestFields } from './RequestFields.tsx';
import './StepForm.css';

interface Props {
  /** For an experiment of two steps. */
  name: string | null;
  step: ExperimentStep;
  /** The step before it; null for the first. */
  before: ExperimentStep | null;
  differences: ReadonlyMap<Switch, Difference>;
  origins: TargetOrigins;
  onChange: (step: ExperimentStep) => void;
}

export function StepForm({ name, step, before, differences, origins, onChange }: Props) {
  const [isOpenAtFirst] = useState(before === null || differences.size > 0);
  const fields = (
    <>
      <RequestFields
        request={step.request}
        origins={origins}
        differences={differences}
        onChange={(request) => onChange({ ...step, request })}
      />
      <PolicyFields
        policy={step.policy}
        origin={location.origin}
        differences={differences}
        onChange={(policy) => onChange({ ...step, policy })}
      />
    </>
  );

  if (name === null) return <div className="step-form stack">{fields}</div>;
  return (
    <details className="step-details" open={isOpenAtFirst}>
      <summary>
        <h4>{name}</h4>
        {before && <p>{describeChanges(step, before)}</p>}
      </summary>
      <div className="step-form stack">{fields}</div>
    </details>
  );
}
