/** What a page could read in a browser with and without the checks, as recorded by the browser tests. */
import { experiments } from '../../../experiments/experiments.ts';
import { Mark } from '../cors/result/Mark.tsx';
import { type RecordedRow, type RecordedRun, toRecordedRows } from './recorded-run.ts';
import './Recording.css';

export function Recording({ run }: { run: RecordedRun }) {
  const rows = toRecordedRows(run, experiments(location.origin));
  const differing = rows.filter((row) => row.with !== row.without);
  return (
    <details className="recording">
      <summary>
        {run.browser} with and without the checks, recorded on {run.recordedAt}: {differing.length} of{' '}
        {rows.length} experiments end differently
      </summary>
      <table className="stacked-table">
        <thead>
          <tr>
            <th scope="col">Experiment</th>
            <th scope="col">Readable with the checks</th>
            <th scope="col">Readable without</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} data-differs={row.with !== row.without}>
              <th scope="row">
                <a href={`/cors?experiment=${row.id}`}>{row.title}</a>
              </th>
              <td data-label="With the checks">
                <Readable value={row.with} />
              </td>
              <td data-label="Without">
                <Readable value={row.without} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

const READABLE = { yes: ['yes', 'Yes'], opaque: ['partly', 'Opaque'], no: ['no', 'No'] } as const;

function Readable({ value }: { value: RecordedRow['with'] }) {
  const [mark, text] = READABLE[value];
  return (
    <span className="recording-answer">
      <Mark kind={mark} />
      <span>{text}</span>
    </span>
  );
}
