/**
 * The five steps as a sequence diagram, which lights up as the requests happen. The page is in the middle,
 * its app to the left, the SSO service to the right. It only observes the flow.
 */
import { STEP_ORDER, useSso } from '@samesite-sso/react';
import type { Settings } from '../settings.ts';
import { Breakable } from './Breakable.tsx';
import { FlowStep } from './FlowStep.tsx';
import { areConcurrent, formatMilliseconds, sentSteps, stateOf, summaryOf, totalMsOf } from './step-view.ts';
import './Flow.css';
import './Parties.css';

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
        <div className="parties">
          <p className="party">
            <b>App</b> <Origin origin={origins.app} />
          </p>
          <p className="party">
            <b>Page</b> <span>this tab</span>
          </p>
          <p className="party">
            <b>SSO service</b> <Origin origin={origins['SSO service']} />
          </p>
          <p className="between">same origin</p>
          <p className="between">cross-origin, same site</p>
        </div>
        <ol className="flow-steps">
          {STEP_ORDER.map((step) => (
            <FlowStep
              key={step}
              step={step}
              report={steps[step]}
              state={stateOf(step, steps, status)}
              origins={origins}
              isConcurrent={step <= 2 && areConcurrent(steps)}
            />
          ))}
        </ol>
        <Legend />
      </div>
      {settings.link && (
        <a className="flow-link" href={settings.link.origin}>
          {settings.link.name}
        </a>
      )}
    </section>
  );
}

/** Screen readers announce the summary when the flow has ended. */
function FlowSummary() {
  const { steps, status, error } = useSso();
  const sent = sentSteps(steps);
  const isBlocked = sent.length === 0 && error?.outcome.status === 'cookies-blocked';
  const summary = isBlocked ? 'Without cookies, no request is sent.' : summaryOf(steps, status);

  return (
    <p className="flow-summary">
      <span role="status">{summary}</span>{' '}
      {summary === null && <span className="delayed">In progress …</span>}
      {summary !== null && sent.length > 0 && (
        <span className="flow-total">{`${formatMilliseconds(totalMsOf(sent))} in total`}</span>
      )}
    </p>
  );
}

function Origin({ origin }: { origin: string }) {
  return (
    <span translate="no">
      <Breakable text={origin} at={/(?=\.|:\d)/} />
    </span>
  );
}

function Legend() {
  return (
    <p className="legend">
      <span>
        <i className="legend-line" aria-hidden="true" /> request
      </span>
      <span>
        <i className="legend-line legend-response" aria-hidden="true" /> response
      </span>
      <span>
        <i className="legend-line legend-introspection" aria-hidden="true" /> server to server, invisible to
        the page
      </span>
    </p>
  );
}
