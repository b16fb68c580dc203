/** The result of one step: a headline, the four answers, the verdict, and the server's record. */
import { useId } from 'react';
import type { Verdict } from '../../../../cors/verdict.ts';
import type { StepResult } from '../run-experiment.ts';
import { AnswersTable } from './AnswersTable.tsx';
import { isBlockedYetExecuted } from './compare.ts';
import { ReadableParts } from './ReadableParts.tsx';
import { ServerRecord } from './ServerRecord.tsx';
import { headlineOf } from './summary.ts';
import { VerdictCard } from './VerdictCard.tsx';
import './StepSection.css';

interface Props {
  /** For an experiment of two steps. */
  name: string | null;
  verdict: Verdict;
  /** Null before the run. */
  result: StepResult | null;
  /** The experiment's sentence about where browsers differ. */
  difference: string | null;
}

export function StepSection({ name, verdict, result, difference }: Props) {
  const id = useId();
  const differences = [verdict.difference, difference].filter((text) => text !== null);
  const heading = result === null ? 'Prediction' : 'What happened';

  return (
    <section className="card result stack" data-rule={verdict.rule} aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>{name === null ? heading : `${name}: ${heading.toLowerCase()}`}</h3>
      {result && <Headline result={result} />}
      <AnswersTable predicted={verdict} result={result} labelledBy={`${id}-title`} />
      {differences.length > 0 && (
        <p className="result-difference">
          <b>Where browsers differ:</b> {differences.join(' ')}
        </p>
      )}
      <VerdictCard verdict={verdict} />
      {result && <ReadableParts verdict={verdict} observation={result.observation} />}
      {result && (
        <div>
          <h4>The server’s record</h4>
          <ServerRecord record={result.record} />
        </div>
      )}
    </section>
  );
}

function Headline({ result }: { result: StepResult }) {
  const { readable } = result.observation;
  const isExecuted = isBlockedYetExecuted(result);
  return (
    <p className="headline" data-kind={isExecuted ? 'executed' : readable}>
      <b>{headlineOf(result)}</b>{' '}
      {isExecuted &&
        'The page can’t read the response, but the server executed the request. CORS hid the response; it ' +
          'didn’t stop the request.'}
    </p>
  );
}
