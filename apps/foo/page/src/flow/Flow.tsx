/**
 * The five steps as a sequence diagram, which lights up as the requests happen. The page is in the middle,
 * its app to the left, the SSO service to the right. It only observes the flow.
 */
import { STEP_ORDER, useSso } from '@samesite-sso/react';
import type { Settings } from '../settings.ts';
import { FlowStep } from './FlowStep.tsx';
import { FlowSummary } from './FlowSummary.tsx';
import { Legend } from './Legend.tsx';
import { Parties } from './Parties.tsx';
import { stateOf } from './step-view.ts';
import './Flow.css';

export function Flow({ settings }: { settings: Settings }) {
  const { steps, status } = useSso();
  const origins = { app: location.origin, 'SSO service': settings.ssoOrigin };

  return (
    <section className="flow" aria-labelledby="flow-title">
      <header className="flow-header">
        <h2 id="flow-title">The five steps</h2>
        <FlowSummary />
      </header>
      <div className="flow-diagram">
        <Parties app={origins.app} sso={origins['SSO service']} />
        <ol className="flow-steps">
          {STEP_ORDER.map((step) => (
            <FlowStep
              key={step}
              step={step}
              report={steps[step]}
              state={stateOf(step, steps, status)}
              origins={origins}
            />
          ))}
        </ol>
        <Legend />
      </div>
    </section>
  );
}
