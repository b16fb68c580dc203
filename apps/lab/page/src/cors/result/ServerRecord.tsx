/** The requests that arrived at the target, and its responses, in detail. */
import type { Field } from '../../../../exchange/exchange.ts';
import type { RecordedRequest, RunRecord } from '../../../../exchange/run.ts';
import './ServerRecord.css';

const KINDS: Record<RecordedRequest['kind'], string> = {
  preflight: 'Preflight',
  request: 'Request',
  redirected: 'Request after the redirect',
  cache: 'Answered by the shared cache',
};

export function ServerRecord({ record }: { record: RunRecord }) {
  if (record.requests.length === 0) return <p className="record-empty">Nothing arrived at the server.</p>;
  return (
    <ol className="record stack">
      {record.requests.map((request, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the record of a run only grows
        <li className="box" key={index} data-kind={request.kind}>
          <h5>
            {KINDS[request.kind]}
            <span className="record-line">
              <code translate="no">{request.method}</code>
              <span aria-hidden="true">→</span>
              <span className="for-screen-readers">answered with status</span>
              <code>{request.status}</code>
            </span>
          </h5>
          <div className="record-messages columns">
            <Fields title="Request headers" fields={request.fields} cookies={request.cookies} />
            <Fields title="Response headers" fields={request.responseFields} />
          </div>
        </li>
      ))}
    </ol>
  );
}

interface FieldsProps {
  title: string;
  fields: readonly Field[];
  cookies?: RecordedRequest['cookies'];
}

function Fields({ title, fields, cookies }: FieldsProps) {
  return (
    <div>
      <h6 className="label">{title}</h6>
      <dl className="record-fields" translate="no">
        {fields.map(({ name, value }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a header may be repeated
          <div key={index}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {cookies && (
          <div>
            <dt>Cookie</dt>
            <dd>{cookies.length === 0 ? 'none' : cookies.map((kind) => `lab-${kind}`).join('; ')}</dd>
          </div>
        )}
      </dl>
    </div>
  );
}
