/** The sequence diagram: four lanes, and an arrow between them for each request, in order of time. */
import { Fragment, type ReactNode, useCallback, useState } from 'react';
import type { Settings } from '../../settings.ts';
import { type Lane, laneNames, lanes } from '../lanes.ts';
import type { Row } from '../rows.ts';
import { DiagramRow } from './DiagramRow.tsx';
import { useFollow } from './use-follow.ts';
import './Diagram.css';

interface Props {
  rows: readonly Row[];
  settings: Settings;
  /** Shown instead of rows. */
  children: ReactNode;
}

export function Diagram({ rows, settings, children }: Props) {
  const [openIds, setOpenIds] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((id: string) => {
    setOpenIds((ids) =>
      ids.has(id) ? new Set([...ids].filter((other) => other !== id)) : new Set([...ids, id]),
    );
  }, []);
  const isOpen = (row: Row) => row.kind === 'request' && openIds.has(row.arrow.id);
  const isReading = rows.some(isOpen);
  const { end, isAtEnd, scrollToEnd } = useFollow(rows, isReading);

  return (
    <div className="diagram">
      <div className="diagram-lanes">
        {lanes.map((lane) => (
          <p key={lane} className="diagram-lane" data-lane={lane}>
            <b>{laneNames[lane]}</b> <LaneHost lane={lane} settings={settings} />
          </p>
        ))}
      </div>
      <div className="diagram-body">
        <div className="lifelines" aria-hidden="true">
          {lanes.map((lane) => (
            <span key={lane} data-lane={lane} />
          ))}
        </div>
        {children || (
          <ol className="diagram-rows" aria-label="Requests in order of time">
            {rows.map((row) => (
              <DiagramRow key={row.key} row={row} isOpen={isOpen(row)} onToggle={toggle} />
            ))}
          </ol>
        )}
      </div>
      {rows.length > 0 && !isAtEnd && !isReading && (
        <button type="button" className="button diagram-latest" onClick={scrollToEnd}>
          Latest<span aria-hidden="true">↓</span>
        </button>
      )}
      <Legend />
      <div ref={end} className="diagram-end" />
    </div>
  );
}

function LaneHost({ lane, settings }: { lane: Lane; settings: Settings }) {
  const origins: Partial<Record<Lane, string>> = {
    foo: settings.fooOrigin,
    lorem: settings.loremOrigin,
    sso: settings.ssoOrigin,
  };
  const origin = origins[lane];
  if (!origin) return <span>in your browser</span>;
  return (
    <span translate="no">
      {new URL(origin).host.split(/(?=[.:])/).map((part) => (
        <Fragment key={part}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </span>
  );
}

const LEGEND = {
  page: 'request from a page',
  preflight: 'preflight',
  server: 'server to server',
  response: 'response',
};

function Legend() {
  return (
    <p className="legend">
      {Object.entries(LEGEND).map(([kind, text]) => (
        <span key={kind}>
          <i className="legend-line" data-kind={kind} aria-hidden="true" /> {text}
        </span>
      ))}
    </p>
  );
}
