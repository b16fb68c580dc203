/** The texts of a request above its arrow and of a response below it. */
import type { Exchange } from '../../../../exchange/exchange.ts';
import { describeRequest, describeResponse, notePreflight } from '../arrow-text.ts';
import type { Arrow } from '../arrows.ts';
import { formatMilliseconds } from '../format-duration.ts';
import { explainPurpose } from '../purposes.ts';
import './ArrowText.css';

export function RequestText({ arrow, exchange }: { arrow: Arrow; exchange: Exchange }) {
  const { method, path, purpose } = exchange;
  const { step } = explainPurpose(purpose);
  const note = notePreflight(arrow);
  // A server has its own lane, but all pages share one.
  const isNamedByLane = arrow.from !== 'page' && arrow.from !== 'elsewhere';

  return (
    <>
      {note && (
        <span className="arrow-note">
          <span>{note}</span>
        </span>
      )}
      <span className="arrow-text">
        <span className="arrow-title">
          {step && (
            <span className="arrow-step">
              <span className="for-screen-readers">Step </span>
              {step}
            </span>
          )}
          <b>{purpose}</b> <code translate="no">{`${method} ${path}`}</code>
        </span>
        <span className="arrow-route">{`${arrow.sender} → ${arrow.recipient}`}</span>
        <span className="arrow-extra">
          {isNamedByLane || (
            <span className="arrow-sender" aria-hidden="true">
              {arrow.sender}
            </span>
          )}
          {describeRequest(exchange).map((text) => (
            <span key={text}>{text}</span>
          ))}
        </span>
      </span>
    </>
  );
}

interface ResponseProps {
  exchange: Exchange;
  /** The request, if the response is in a row of its own. */
  request?: string;
}

export function ResponseText({ exchange, request }: ResponseProps) {
  const { response, durationMs, error } = exchange;

  return (
    <span className="arrow-text arrow-result">
      <b className="arrow-status">{response?.status ?? error}</b>
      {durationMs !== null && <span>{formatMilliseconds(durationMs)}</span>}
      {request && (
        <span>
          to <code translate="no">{request}</code>
        </span>
      )}
      {describeResponse(exchange).map((text) => (
        <span key={text}>{text}</span>
      ))}
    </span>
  );
}
