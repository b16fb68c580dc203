/**
 * Arranges the arrows as rows of the diagram, from top to bottom in time. A response has a separate row
 * if its server sent requests before it responded: their rows are between the two. Pure.
 */
import type { Arrow } from './arrows.ts';
import type { Lane } from './lanes.ts';

/** A server at work between a request and its response: drawn as a bar on its lane. */
export interface Activity {
  lane: Lane;
  part: 'start' | 'middle' | 'end';
}

export type Row =
  /** The time of day, at the start and after each pause. */
  | { kind: 'time'; key: string; at: number; pauseMs: number | null }
  | {
      kind: 'request' | 'response';
      key: string;
      arrow: Arrow;
      /** Since the time above. */
      offsetMs: number;
      /** Whether the response has a separate row. */
      isSplit: boolean;
      activities: readonly Activity[];
    };

/** After a longer pause, a new row shows the time. */
const PAUSE_MS = 1000;

/** After this, a request without a response counts as lost. Pages and servers wait for 5 s at most. */
const LONGEST_REQUEST_MS = 10_000;

interface Moment {
  kind: 'request' | 'response';
  at: number;
  arrow: Arrow;
}

/** @param arrows in the order in which they started */
export function toRows(arrows: readonly Arrow[]): Row[] {
  const lastNested = findLastNested(arrows);
  const rows: Row[] = [];
  const busy = new Map<Arrow, Lane>();
  let sectionAt = 0;
  let quietSince: number | null = null;

  for (const { kind, at, arrow } of momentsOf(arrows, lastNested)) {
    const pauseMs = quietSince === null ? null : at - quietSince;
    if (pauseMs === null || pauseMs > PAUSE_MS) {
      sectionAt = at;
      rows.push({ kind: 'time', key: `time before ${arrow.id}`, at, pauseMs });
    }
    quietSince = Math.max(quietSince ?? at, at, arrow.endedAt ?? at);

    const isSplit = lastNested.has(arrow);
    const activities: Activity[] = [...busy].map(([other, lane]) => ({
      lane,
      part: isEndOf(other, { kind, at, arrow }, lastNested) ? 'end' : 'middle',
    }));
    if (kind === 'request' && isSplit) activities.push({ lane: arrow.to, part: 'start' });
    const key = `${kind} ${arrow.id}`;
    rows.push({ kind, key, arrow, offsetMs: at - sectionAt, isSplit, activities });

    if (kind === 'request' && isSplit) busy.set(arrow, arrow.to);
    for (const other of [...busy.keys()]) {
      if (isEndOf(other, { kind, at, arrow }, lastNested)) busy.delete(other);
    }
  }
  return rows;
}

/** A bar ends at the response or, while there is none, at the last request in between. */
function isEndOf(busy: Arrow, { kind, arrow }: Moment, lastNested: ReadonlyMap<Arrow, Arrow>): boolean {
  if (busy.endedAt !== null) return kind === 'response' && arrow === busy;
  return arrow === lastNested.get(busy);
}

function momentsOf(arrows: readonly Arrow[], lastNested: ReadonlyMap<Arrow, Arrow>): Moment[] {
  const requests = arrows.map((arrow): Moment => ({ kind: 'request', at: arrow.startedAt, arrow }));
  const responses = arrows.flatMap((arrow): Moment[] =>
    lastNested.has(arrow) && arrow.endedAt !== null ? [{ kind: 'response', at: arrow.endedAt, arrow }] : [],
  );
  // At equal times, requests come before responses, and the response to the later request before the other.
  return [...requests, ...responses.reverse()].sort((a, b) => a.at - b.at);
}

/** Maps each request during which its server sent others to the last of those. */
function findLastNested(arrows: readonly Arrow[]): Map<Arrow, Arrow> {
  const lastNested = new Map<Arrow, Arrow>();
  for (const outer of arrows) {
    const last = carriesToken(outer) && arrows.findLast((inner) => isNested(inner, outer));
    if (last) lastNested.set(outer, last);
  }
  return lastNested;
}

/** Only a request with a token makes a server send another before it responds. */
function carriesToken({ sent, received }: Arrow): boolean {
  return [sent, received].some((report) => report !== null && report.request.tokens.length > 0);
}

/** Servers send these from a queue, independently of the requests that they are handling. */
const QUEUED = ['logout token', 'end session'];

function isNested(inner: Arrow, outer: Arrow): boolean {
  const purpose = (inner.sent ?? inner.received)?.purpose ?? '';
  const end = outer.endedAt ?? outer.startedAt + LONGEST_REQUEST_MS;
  const isDuring = inner.startedAt >= outer.startedAt && inner.startedAt <= end;
  return inner.from === outer.to && isDuring && !QUEUED.includes(purpose);
}

/** Whether a row would look the same, so that React needn't render it again. */
export function areRowsEqual(a: Row, b: Row): boolean {
  const [arrow, other] = [a, b].map((row) => (row.kind === 'time' ? null : row.arrow));
  // Exchanges are the same objects until a new report of them arrives.
  const hasSameExchanges = arrow?.sent === other?.sent && arrow?.received === other?.received;
  return hasSameExchanges && JSON.stringify(a, omitExchanges) === JSON.stringify(b, omitExchanges);
}

const omitExchanges = (key: string, value: unknown) =>
  key === 'sent' || key === 'received' ? undefined : value;
