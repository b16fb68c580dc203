/**
 * The HTTP exchange of one step: the request, the response, and in step 4 the introspection between the two,
 * which the page can't see. Its app is to the left of the page, the SSO service to the right.
 */
import type { StepReport } from '@samesite-sso/browser';
import { Fragment } from 'react';
import { formatMilliseconds } from '../format-milliseconds.ts';
import { Arrow } from './Arrow.tsx';
import type { StepDescription } from './five-steps.ts';
import type { StepState } from './step-view.ts';
import './HttpExchange.css';

interface Props {
  to: StepDescription['to'];
  request: NonNullable<StepReport['request']>;
  state: StepState;
  report: StepReport | undefined;
  /** Whether the app's server introspects the token before it responds. */
  hasIntrospection: boolean;
}

export function HttpExchange({ to, request, state, report, hasIntrospection }: Props) {
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
            {breakable(request.body)}
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

/** JSON has no spaces to break a line at: offers line breaks after commas. */
function breakable(json: string) {
  return json.split(/(?<=,)/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text keep their order
    <Fragment key={index}>
      <span>{part}</span>
      <wbr />
    </Fragment>
  ));
}
