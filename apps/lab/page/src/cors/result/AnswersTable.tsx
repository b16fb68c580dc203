/** Four questions, each answered by the prediction, by this browser and by the server. */
import type { CookieKind, CookieTravel } from '../../../../cors/verdict.ts';
import type { StepResult } from '../run-experiment.ts';
import { type AnswerRow, type Cell, compareAnswers, type Prediction, type Question } from './compare.ts';
import { Mark } from './Mark.tsx';
import './AnswersTable.css';

const QUESTIONS: Record<Question, string> = {
  sent: 'Was the request sent?',
  executed: 'Did the server execute it?',
  cookies: 'Were the cookies sent?',
  readable: 'Can the page read the response?',
};

const COLUMNS = { predicted: 'Predicted', browser: 'This browser', server: 'The server’s record' };

/** By the value of `SameSite`. */
const COOKIES: Record<CookieKind, string> = { strict: 'Strict', lax: 'Lax', none: 'None' };

const TRAVELS: Record<CookieTravel, string> = {
  sent: 'sent',
  withheld: 'not sent',
  varies: 'depends on the browser',
};

interface Props {
  predicted: Prediction;
  /** Null before the run. */
  result: StepResult | null;
  /** The id of the heading that names the table. */
  labelledBy: string;
}

export function AnswersTable({ predicted, result, labelledBy }: Props) {
  const rows = compareAnswers(predicted, result);

  return (
    <table className="answers stacked-table" aria-labelledby={labelledBy}>
      <thead>
        <tr>
          <th scope="col">Question</th>
          <th scope="col">{COLUMNS.predicted}</th>
          <th scope="col">{COLUMNS.browser}</th>
          <th scope="col">{COLUMNS.server}</th>
          <th scope="col">Agreement</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.question} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row }: { row: AnswerRow }) {
  return (
    <tr data-answer={row.question} data-agrees={row.agrees ?? undefined}>
      <th scope="row">{QUESTIONS[row.question]}</th>
      {(['predicted', 'browser', 'server'] as const).map((source) => (
        <td key={source} data-source={source} data-label={COLUMNS[source]}>
          <Answer cell={row[source]} />
        </td>
      ))}
      <td>{row.agrees !== null && <Agreement agrees={row.agrees} />}</td>
    </tr>
  );
}

function Answer({ cell }: { cell: Cell }) {
  if (cell.cookies) {
    return (
      <ul className="cookie-travels">
        {cell.cookies.map(({ kind, travel }) => (
          <li key={kind} data-cookie={kind} data-travel={travel}>
            <Mark kind={travel === 'sent' ? 'yes' : travel === 'withheld' ? 'no' : 'partly'} />
            <span translate="no">{COOKIES[kind]}</span> <span>{TRAVELS[travel]}</span>
          </li>
        ))}
      </ul>
    );
  }
  return (
    <span className="answer" data-known={cell.answer !== null}>
      {cell.answer !== null && <Mark kind={cell.answer} />}
      <span>{cell.text}</span>
    </span>
  );
}

/** Whether a prediction came true. `varies`: it leaves the answer open, or browsers are known to differ. */
export function Agreement({ agrees }: { agrees: boolean | 'varies' }) {
  const text = agrees === 'varies' ? 'browsers differ' : agrees ? 'as predicted' : 'not as predicted';
  return (
    <b className="agreement" data-agrees={agrees}>
      {text}
    </b>
  );
}
