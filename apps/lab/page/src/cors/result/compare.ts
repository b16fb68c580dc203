/** The four answers of a step side by side: predicted, observed by the page, and recorded by the server. */
import {
  type Answers,
  type CookieKind,
  type CookieTravel,
  cookieKinds,
  type Verdict,
} from '../../../../cors/verdict.ts';
import type { RunRecord } from '../../../../exchange/run.ts';
import type { Observation, StepResult } from '../run-experiment.ts';

export type Question = 'sent' | 'executed' | 'cookies' | 'readable';

export interface AnswerRow {
  question: Question;
  predicted: Cell;
  /** What this page can know by itself. */
  browser: Cell;
  server: Cell;
  /**
   * Whether the run agrees with the prediction; null before the run. `varies`: the prediction leaves it open,
   * or browsers are known to differ.
   */
  agrees: boolean | 'varies' | null;
}

export interface Cell {
  /** Null for no answer. The text says why. */
  answer: 'yes' | 'no' | 'partly' | null;
  text: string;
  /** For the question about cookies, in place of a text. */
  cookies?: readonly { kind: CookieKind; travel: CookieTravel }[];
}

const NOT_RUN: Cell = { answer: null, text: 'Not run yet' };
const PAGE_CANT_TELL: Cell = { answer: null, text: 'The page can’t tell' };
const SERVER_CANT_TELL: Cell = { answer: null, text: 'The server can’t tell' };

export type Prediction = Answers & Pick<Verdict, 'difference'>;

/** @param result null before the run */
export function compareAnswers(predicted: Prediction, result: StepResult | null): readonly AnswerRow[] {
  const rows = compareWithStandard(predicted, result);
  if (predicted.difference === null) return rows;
  return rows.map((row) => (row.agrees === false ? { ...row, agrees: 'varies' } : row));
}

function compareWithStandard(predicted: Answers, result: StepResult | null): readonly AnswerRow[] {
  const recorded = result && toRecordedAnswers(result.record);
  return [
    {
      question: 'sent',
      predicted: sentCell(predicted),
      browser: PAGE_CANT_TELL,
      server: recorded ? sentCell(recorded) : NOT_RUN,
      agrees: recorded && isSentAlike(predicted, recorded),
    },
    {
      question: 'executed',
      predicted: executedCell(predicted.isExecuted, false),
      browser: PAGE_CANT_TELL,
      server: result ? executedCell(result.record.executions > 0, isFromCache(result.record)) : NOT_RUN,
      agrees: recorded && predicted.isExecuted === recorded.isExecuted,
    },
    {
      question: 'cookies',
      predicted: cookiesCell(predicted),
      browser: PAGE_CANT_TELL,
      server: recorded ? cookiesCell(recorded) : NOT_RUN,
      agrees: recorded && compareCookies(predicted.cookies, recorded.cookies),
    },
    {
      question: 'readable',
      predicted: readableCell(predicted.readable),
      browser: result ? observedCell(result.observation) : NOT_RUN,
      server: SERVER_CANT_TELL,
      agrees: result && predicted.readable === result.observation.readable,
    },
  ];
}

/** Whether the server executed a request whose response the page can't read. */
export function isBlockedYetExecuted({ observation, record }: StepResult): boolean {
  return observation.readable !== 'yes' && record.executions > 0;
}

type RecordedAnswers = Omit<Answers, 'readable'>;

function toRecordedAnswers({ requests, executions }: RunRecord): RecordedAnswers {
  // Not `redirected`: that is a redirected preflight, not the request.
  const sent = requests.filter(({ kind }) => kind === 'request' || kind === 'cache');
  const travel = (kind: CookieKind) =>
    sent.some(({ cookies }) => cookies.includes(kind)) ? 'sent' : 'withheld';
  return {
    preflight: requests.some(({ kind }) => kind === 'preflight') ? 'sent' : 'none',
    isSent: sent.length > 0,
    isExecuted: executions > 0,
    cookies: { strict: travel('strict'), lax: travel('lax'), none: travel('none') },
  };
}

function isFromCache({ requests }: RunRecord): boolean {
  return requests.some(({ kind }) => kind === 'cache');
}

/** A server can't tell a remembered preflight from a request that needs none. */
function isSentAlike(predicted: RecordedAnswers, recorded: RecordedAnswers): boolean {
  const hasSamePreflight = (predicted.preflight === 'sent') === (recorded.preflight === 'sent');
  return hasSamePreflight && predicted.isSent === recorded.isSent;
}

function compareCookies(predicted: Answers['cookies'], recorded: Answers['cookies']): boolean | 'varies' {
  const isOpen = (kind: CookieKind) => predicted[kind] === 'varies';
  if (cookieKinds.some((kind) => !isOpen(kind) && predicted[kind] !== recorded[kind])) return false;
  return cookieKinds.some(isOpen) ? 'varies' : true;
}

function sentCell({ preflight, isSent }: RecordedAnswers): Cell {
  if (isSent) {
    const manner = {
      sent: 'after a preflight',
      cached: 'a remembered preflight allows it',
      none: 'without a preflight',
    };
    return { answer: 'yes', text: `Yes, ${manner[preflight]}` };
  }
  if (preflight === 'sent') return { answer: 'partly', text: 'Only the preflight' };
  return { answer: 'no', text: 'No, not even a preflight' };
}

function executedCell(isExecuted: boolean, isFromCache: boolean): Cell {
  if (isExecuted) return { answer: 'yes', text: 'Yes' };
  return { answer: 'no', text: isFromCache ? 'No, the shared cache answered' : 'No' };
}

function cookiesCell({ cookies, isSent }: RecordedAnswers): Cell {
  if (!isSent) return { answer: 'no', text: 'No request, so no cookies' };
  const travels = cookieKinds.map((kind) => ({ kind, travel: cookies[kind] }));
  return { answer: null, text: '', cookies: travels };
}

const OPAQUE: Cell = { answer: 'partly', text: 'Opaque: status 0, no headers, no body' };

function readableCell(readable: Answers['readable']): Cell {
  if (readable === 'opaque') return OPAQUE;
  return readable === 'yes'
    ? { answer: 'yes', text: 'Yes' }
    : { answer: 'no', text: 'No, fetch() fails with a TypeError' };
}

function observedCell({ readable, status, error }: Observation): Cell {
  if (readable === 'opaque') return OPAQUE;
  return readable === 'yes'
    ? { answer: 'yes', text: `Yes, status ${status}` }
    : { answer: 'no', text: `No: ${error}` };
}
