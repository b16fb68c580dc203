/** A request and its response as they were on the wire, except for secrets, and what each part means. */
import type { Exchange, ProcessName } from '../../../../exchange/exchange.ts';
import { explainPreflight } from '../arrow-text.ts';
import type { Arrow } from '../arrows.ts';
import { explainPurpose, nameStep } from '../purposes.ts';
import { MessageView } from './MessageView.tsx';
import { startLineOf, statusLineOf } from './start-lines.ts';
import './MessageDetail.css';

interface Props {
  id: string;
  arrow: Arrow;
  exchange: Exchange;
}

export function MessageDetail({ id, arrow, exchange }: Props) {
  const { step, text } = explainPurpose(exchange.purpose);
  const preflight = explainPreflight(arrow);
  const { request, response, error } = exchange;

  return (
    <section className="detail" id={id} aria-label={`${exchange.purpose}: request and response`}>
      <div className="detail-purpose">
        {step && <p className="detail-step">{nameStep(step)}</p>}
        <p>{text}</p>
        {preflight && <p>{preflight}</p>}
        <p className="detail-reporters">{nameReporters(arrow)}</p>
      </div>
      <div className="detail-messages">
        <MessageView title="Request" startLine={startLineOf(exchange)} message={request} />
        {response ? (
          <MessageView title="Response" startLine={statusLineOf(response.status)} message={response} />
        ) : (
          <section className="message">
            <h3>Response</h3>
            <p>{error ?? 'None yet.'}</p>
          </section>
        )}
      </div>
    </section>
  );
}

const reporterNames: Record<ProcessName, string> = {
  foo: 'Foo’s server',
  lorem: 'Lorem’s server',
  sso: 'the SSO service',
};

/** `shownExchange` says whose report of each message is shown. */
function nameReporters({ sent, received }: Arrow): string {
  const names = [sent, received].flatMap((report) => (report ? [reporterNames[report.reporter]] : []));
  return `Reported by ${names.join(' and ')}.`;
}
