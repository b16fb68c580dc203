/**
 * The five steps as a sequence diagram that lights up as the requests happen: page in the middle, what stays on
 * its origin to the left, what crosses to the SSO service to the right, time running down. It only watches.
 */
import { useSso, WALK_ORDER } from '@samesite-sso/react';
import type { Settings } from '../settings.ts';
import { FlowStep } from './FlowStep.tsx';
import { Legend } from './Legend.tsx';
import { Parties } from './Parties.tsx';
import { stateOf } from './step-view.ts';
import { WalkSummary } from './WalkSummary.tsx';
import './Flow.css';

export function Flow({ settings }: { settings: Settings }) {
  const { walk, standing } = useSso();
  const origins = { app: location.origin, 'SSO service': settings.ssoOrigin };

  return (
    <section className="flow" aria-labelledby="flow-title">
      <header className="flow-header">
        <h2 id="flow-title">The five steps</h2>
        <WalkSummary />
      </header>
      <div className="flow-diagram">
        <Parties app={origins.app} sso={origins['SSO service']} />
        <ol className="flow-steps">
          {WALK_ORDER.map((step) => (
            <FlowStep
              key={step}
              step={step}
              report={walk[step]}
              state={stateOf(step, walk, standing.status)}
              origins={origins}
            />
          ))}
        </ol>
        <Legend />
      </div>
    </section>
  );
}
