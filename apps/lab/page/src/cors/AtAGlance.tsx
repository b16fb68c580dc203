/** Each request of an experiment in one line, and each wrong switch in another. The form shows the rest. */
import type { ExperimentStep } from '../../../cors/policy.ts';
import type { Difference } from './differences-from-right.ts';
import { describeRequest, SWITCH_NAMES, type Switch } from './switches.ts';
import './AtAGlance.css';

export interface StepAtAGlance {
  name: string;
  step: ExperimentStep;
  differences: ReadonlyMap<Switch, Difference>;
}

export function AtAGlance({ steps }: { steps: readonly StepAtAGlance[] }) {
  return (
    <dl className="at-a-glance box">
      {steps.map(({ name, step, differences }) => (
        <div key={name}>
          <dt className="label">{name}</dt>
          <dd translate="no">{describeRequest(step.request)}</dd>
          {[...differences].map(([name, difference]) => (
            <dd className="glance-difference" data-mistake={difference.isMistake} key={name}>
              <b>{difference.isMistake ? 'Wrong here:' : 'Unlike the right policy:'}</b>{' '}
              <code translate="no">{`${SWITCH_NAMES[name]}: ${difference.actual}`}</code>
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}
