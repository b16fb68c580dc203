/** One row of the diagram. It renders again only if something in it has changed. */
import { type CSSProperties, memo, useId } from 'react';
import { hasFailed, shownExchange, statusOf } from '../arrow-text.ts';
import type { Arrow } from '../arrows.ts';
import { MessageDetail } from '../detail/MessageDetail.tsx';
import { formatMilliseconds } from '../format-duration.ts';
import { type Lane, lanes } from '../lanes.ts';
import { isPreflight } from '../missing-preflights.ts';
import { type Activity, areRowsEqual, type Row } from '../rows.ts';
import { RequestText, ResponseText } from './ArrowText.tsx';
import './DiagramRow.css';
import './Shaft.css';

interface Props {
  row: Row;
  isOpen: boolean;
  onToggle: (arrowId: string) => void;
}

export const DiagramRow = memo(
  function DiagramRow({ row, isOpen, onToggle }: Props) {
    if (row.kind === 'time') return <TimeRow at={row.at} pauseMs={row.pauseMs} />;
    if (row.kind === 'response') return <ResponseRow row={row} />;
    return <RequestRow row={row} isOpen={isOpen} onToggle={onToggle} />;
  },
  (before, after) => before.isOpen === after.isOpen && areRowsEqual(before.row, after.row),
);

function TimeRow({ at, pauseMs }: { at: number; pauseMs: number | null }) {
  return (
    <li className="time-row">
      <time dateTime={new Date(at).toISOString()}>{new Date(at).toLocaleTimeString('en-GB')}</time>
      {pauseMs !== null && <span>{`${formatMilliseconds(pauseMs)} later`}</span>}
    </li>
  );
}

type ArrowRow = Exclude<Row, { kind: 'time' }>;

function RequestRow({ row, isOpen, onToggle }: Omit<Props, 'row'> & { row: ArrowRow }) {
  const { arrow, offsetMs, isSplit, activities } = row;
  const exchange = shownExchange(arrow);
  const status = statusOf(exchange);
  const kind = isPreflight(exchange) ? 'preflight' : exchange.client;
  const detailId = useId();

  return (
    <li
      className="arrow-row"
      data-purpose={exchange.purpose}
      data-from={arrow.from}
      data-to={arrow.to}
      data-status={status}
      data-preflight={arrow.preflight.kind}
      data-kind={kind}
      data-failed={hasFailed(exchange)}
      data-open={isOpen}
      style={placeArrow(arrow)}
    >
      <Activities activities={activities} />
      <button
        type="button"
        className="arrow-button"
        aria-expanded={isOpen}
        aria-controls={isOpen ? detailId : undefined}
        onClick={() => onToggle(arrow.id)}
      >
        <span className="arrow-offset">{formatOffset(offsetMs)}</span>
        <RequestText arrow={arrow} exchange={exchange} />
        <Shaft arrow={arrow} isMoving={status === 'pending'} />
        {!isSplit && status !== 'pending' && (
          <>
            {exchange.response && <Shaft arrow={arrow} isResponse />}
            <ResponseText exchange={exchange} />
          </>
        )}
      </button>
      {isOpen && <MessageDetail id={detailId} arrow={arrow} exchange={exchange} />}
    </li>
  );
}

/** A response in a separate row, after the requests that its server sent first. */
function ResponseRow({ row: { arrow, offsetMs, activities } }: { row: ArrowRow }) {
  const exchange = shownExchange(arrow);

  return (
    <li
      className="arrow-row response-row"
      data-response-to={exchange.purpose}
      data-kind={exchange.client}
      data-failed={hasFailed(exchange)}
      style={placeArrow(arrow)}
    >
      <Activities activities={activities} />
      <span className="arrow-offset">{formatOffset(offsetMs)}</span>
      {exchange.response && <Shaft arrow={arrow} isResponse />}
      <ResponseText exchange={exchange} request={`${exchange.method} ${exchange.path}`} />
    </li>
  );
}

function Activities({ activities }: { activities: readonly Activity[] }) {
  return activities.map(({ lane, part }) => (
    <span key={lane} className="activity" data-lane={lane} data-part={part} aria-hidden="true" />
  ));
}

interface ShaftProps {
  arrow: Arrow;
  isResponse?: boolean;
  isMoving?: boolean;
}

/** The arrow's line. Its style says its kind, and its color whether it failed. */
function Shaft({ arrow: { from, to }, isResponse = false, isMoving = false }: ShaftProps) {
  const points = LINES[from] < LINES[to] !== isResponse ? 'right' : 'left';
  const className = `shaft ${isResponse ? 'shaft-response' : 'shaft-request'}`;
  return <span className={className} data-points={points} data-moving={isMoving} aria-hidden="true" />;
}

/** The grid lines of the lanes. */
const LINES: Record<Lane, number> = {
  ...(Object.fromEntries(lanes.map((lane, index) => [lane, 3 + 2 * index])) as Record<Lane, number>),
  elsewhere: 2 + 2 * lanes.length,
};

function placeArrow({ from, to }: Arrow): CSSProperties {
  const [start, end] = [LINES[from], LINES[to]].sort((a, b) => a - b);
  return { '--start': start, '--end': end } as CSSProperties;
}

function formatOffset(offsetMs: number): string {
  return `+${formatMilliseconds(Math.round(offsetMs))}`.replace('.0', '');
}
