/** Shows the requests that the demo's servers receive and send, as they happen. */
import { useMemo, useState, useSyncExternalStore } from 'react';
import type { Settings } from '../settings.ts';
import { toArrows } from './arrows.ts';
import { Diagram } from './diagram/Diagram.tsx';
import { EmptyState } from './EmptyState.tsx';
import { ExchangeStream } from './exchange-stream.ts';
import { countWaiting, isCleared } from './exchanges.ts';
import { toRows } from './rows.ts';
import { Toolbar } from './Toolbar.tsx';

export function Inspector({ settings }: { settings: Settings }) {
  const [stream] = useState(() => new ExchangeStream());
  const { connection, inspection } = useSyncExternalStore(stream.subscribe, stream.getState);
  const { isPaused } = inspection;
  const arrows = useMemo(() => {
    const all = toArrows(inspection.shown, settings);
    return all.filter((arrow) => !isCleared(inspection, arrow));
  }, [inspection, settings]);
  const rows = useMemo(() => toRows(arrows), [arrows]);

  return (
    <section className="stack" aria-labelledby="inspector-title">
      <Toolbar
        connection={connection}
        count={arrows.length}
        waiting={countWaiting(inspection)}
        isPaused={isPaused}
        onPause={() => stream.setPaused(!isPaused)}
        onClear={() => stream.clear()}
      />
      <Diagram rows={rows} settings={settings}>
        {arrows.length === 0 && <EmptyState settings={settings} />}
      </Diagram>
    </section>
  );
}
