/**
 * The HTTP exchange of one step: the request, the response, and in step 4 the introspection between the two,
 * which the page can't see. Its app is to the left of the page, the SSO service to the right.
 */
import type { Step, StepReport } from '@samesite-sso/browser';
import { Breakable } from './Breakable.tsx';
import { FIVE_STEPS } from './five-steps.ts';
import { formatMilliseconds, type StepState } from './step-view.ts';
import './Arrow.css';
import './HttpExchange.css';

export interface StepProps {
  step: Step;
  report: StepReport | undefined;
  state: StepState;
  origins: Record<'app' | 'SSO service', string>;
}

export function HttpExchange({ step, report, state, origins }: StepProps) {
  const { to, request: example } = FIVE_STEPS[step];
  const request = report?.request ?? { ...example, origin: origins[to] };
  const hasIntrospection = step === 4;
  const side = to === 'app' ? 'left' : 'right';
  const isSent = report?.request !== undefined;
  const hasResponse = report?.status !== undefined;
  const isIntrospected = state === 'pending' || state === 'done';

  return (
    <div className="exchange" data-introspection={hasIntrospection}>
      <p className="exchange-text" data-side={side} data-lit={isSent}>
        <span className="for-screen-readers">From the page to the {to}: </span>
        <code translate="no">{`${request.method} ${request.path}`}</code>
        <span className="exchange-origin">
          <span className="for-screen-readers"> at </span>
          <span translate="no">{request.origin}</span>
        </span>
        {request.body && (
          <code className="exchange-body" translate="no">
            <Breakable text={request.body} at={/(?<=,)/} />
          </code>
        )}
      </p>
      <Arrow kind="request" side={side} points={side} isLit={isSent} isMoving={state === 'pending'} />
      {hasIntrospection && (
        <>
          <p className="exchange-text" data-side="across" data-lit={isIntrospected}>
            <b>Server to server</b>{' '}
            <span className="for-screen-readers">
              , from the app to the SSO service, invisible to the page:{' '}
            </span>
            <code translate="no">POST /introspect</code>
          </p>
          <Arrow kind="introspection" side="across" points="right" isLit={isIntrospected} />
        </>
      )}
      <p className="exchange-text exchange-response" data-side={side}>
        {report?.durationMs !== undefined && (
          <span>
            <span className="for-screen-readers">From the {to} to the page: </span>
            <code className="exchange-status">{report.status ?? 'no response'}</code>{' '}
            <span className="exchange-duration">{formatMilliseconds(report.durationMs)}</span>
          </span>
        )}
      </p>
      <Arrow kind="response" side={side} points={side === 'left' ? 'right' : 'left'} isLit={hasResponse} />
    </div>
  );
}

interface ArrowProps {
  kind: 'request' | 'response' | 'introspection';
  /** Left: app and page. Right: page and SSO service. Across: app and SSO service. */
  side: 'left' | 'right' | 'across';
  points: 'left' | 'right';
  isLit: boolean;
  isMoving?: boolean;
}

/** Its line style shows its kind, and its color whether it happened. */
function Arrow({ kind, side, points, isLit, isMoving = false }: ArrowProps) {
  return (
    <span
      className={`arrow arrow-${kind}`}
      data-side={side}
      data-points={points}
      data-lit={isLit}
      data-moving={isMoving}
      aria-hidden="true"
    />
  );
}
