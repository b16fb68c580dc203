/** What a run found, in one or two sentences. */
import type { Verdict } from '../../../../cors/verdict.ts';
import type { StepResult } from '../run-experiment.ts';
import { type AnswerRow, compareAnswers, isBlockedYetExecuted } from './compare.ts';

/** Returns the sentences that screen readers announce after a run. */
export function summarize(verdicts: readonly Verdict[], results: readonly StepResult[]): string {
  const rows = results.flatMap((result, index) => {
    const verdict = verdicts[index];
    return verdict ? compareAnswers(verdict, result) : [];
  });
  const agreement = describeAgreement(rows.map(({ agrees }) => agrees));
  const last = results.at(-1);
  return last ? `${headlineOf(last)} ${agreement}` : agreement;
}

function describeAgreement(agreements: readonly AnswerRow['agrees'][]): string {
  const wrongCount = agreements.filter((agrees) => agrees === false).length;
  const total = agreements.length;
  if (wrongCount > 0) {
    return `${wrongCount} of ${total} answers ${wrongCount === 1 ? 'isn’t' : 'aren’t'} as predicted.`;
  }
  const all = `All ${total} answers are as predicted`;
  return agreements.includes('varies') ? `${all}, except where browsers differ.` : `${all}.`;
}

/** Returns what happened to a request, in one sentence. */
export function headlineOf(result: StepResult): string {
  const { observation, record } = result;
  if (isBlockedYetExecuted(result)) {
    return observation.readable === 'opaque' ? 'Unreadable, yet executed.' : 'Blocked, yet executed.';
  }
  if (observation.readable === 'yes') return 'The page read the response.';
  if (record.requests.length === 0) return 'The browser sent nothing.';
  const isSent = record.requests.some(({ kind }) => kind !== 'preflight');
  return isSent ? 'Blocked.' : 'Stopped by the preflight: the request was never sent.';
}
