/**
 * What goes over the wire in one step: the request, the answer, and in step 4 what happens between the two
 * without the page. To the left of the page lies its own origin, to the right the SSO service's.
 */
import type { StepReport } from '@samesite-sso/browser';
import { Fragment } from 'react';
import { formatMilliseconds } from '../duration.ts';
import { Arrow } from './Arrow.tsx';
import type { StepWords } from './five-steps.ts';
import type { StepState } from './step-view.ts';
import './Wire.css';

interface Props {
  to: StepWords['to'];
  request: NonNullable<StepReport['request']>;
  state: StepState;
  report: StepReport | undefined;
  /** Whether the app's server asks the SSO service before it answers. */
  introspects: boolean;
}

export function Wire({ to, request, state, report, introspects }: Props) {
  const side = to === 'app' ? 'left' : 'right';
  const sent = report?.request !== undefined;
  const answered = report?.status !== undefined;
  const introspecting = state === 'pending' || state === 'done';

  return (
    <div className="wire" data-introspects={introspects}>
      <p className="wire-words" data-side={side} data-lit={sent}>
        <span className="for-screen-readers">From the page to the {to}: </span>
        <code translate="no">{`${request.method} ${request.path}`}</code>
        <span className="wire-origin">
          <span className="for-screen-readers"> at </span>
          <span translate="no">{request.origin}</span>
        </span>
        {request.body && (
          <code className="wire-body" translate="no">
            {breakable(request.body)}
          </code>
        )}
      </p>
      <Arrow kind="request" side={side} points={side} lit={sent} moving={state === 'pending'} />
      {introspects && (
        <>
          <p className="wire-words" data-side="across" data-lit={introspecting}>
            <b>Server to server</b>{' '}
            <span className="for-screen-readers">
              , from the app to the SSO service, unseen by the page:{' '}
            </span>
            <code translate="no">POST /introspect</code>
          </p>
          <Arrow kind="introspection" side="across" points="right" lit={introspecting} />
        </>
      )}
      <p className="wire-words wire-answer" data-side={side}>
        {report?.milliseconds !== undefined && (
          <span>
            <span className="for-screen-readers">From the {to} to the page: </span>
            <code className="wire-status">{report.status ?? 'no answer'}</code>{' '}
            <span className="wire-duration">{formatMilliseconds(report.milliseconds)}</span>
          </span>
        )}
      </p>
      <Arrow kind="answer" side={side} points={side === 'left' ? 'right' : 'left'} lit={answered} />
    </div>
  );
}

/** JSON has no spaces to break a line at: offer the places behind its commas. */
function breakable(json: string) {
  return json.split(/(?<=,)/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never move
    <Fragment key={index}>
      <span>{part}</span>
      <wbr />
    </Fragment>
  ));
}
