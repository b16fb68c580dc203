/** The inspector's connection, the number of requests, and buttons to pause and clear. */
import { useEffect, useState } from 'react';
import type { StreamState } from './exchange-stream.ts';
import './Toolbar.css';

const connectionTexts: Record<StreamState['connection'], string> = {
  connecting: 'Connecting …',
  connected: 'Connected. Requests appear as they happen.',
  reconnecting: 'Reconnecting … The lab’s server isn’t responding.',
};

const PAUSED = 'Paused. New requests are held back until you continue.';

interface Props {
  connection: StreamState['connection'];
  count: number;
  /** How many requests arrived since the pause began. */
  waiting: number;
  isPaused: boolean;
  onPause: () => void;
  onClear: () => void;
}

export function Toolbar({ connection, count, waiting, isPaused, onPause, onClear }: Props) {
  const countText = `${formatCount(count)}${waiting > 0 ? `, ${waiting} more waiting` : ''}`;
  const announced = useSettledText(countText);

  return (
    <div className="toolbar">
      <div className="toolbar-text">
        <h2 id="inspector-title">Requests</h2>
        <p className="toolbar-connection" data-connection={connection}>
          <span role="status">{isPaused ? PAUSED : connectionTexts[connection]}</span>
        </p>
      </div>
      <p className="toolbar-count" aria-hidden="true">
        {countText}
      </p>
      <p className="for-screen-readers" aria-live="polite">
        {announced}
      </p>
      <div className="toolbar-buttons">
        <button type="button" className="button" aria-pressed={isPaused} onClick={onPause}>
          Pause
        </button>
        <button type="button" className="button" onClick={onClear}>
          Clear
        </button>
      </div>
    </div>
  );
}

function formatCount(count: number): string {
  return count === 1 ? '1 request' : `${count} requests`;
}

/** Longer than the gaps between the requests of one click. */
const SETTLE_DELAY_MS = 2000;

/** Returns the text once it has stopped changing, so that screen readers don't read each change. */
function useSettledText(text: string): string {
  const [settledText, setSettledText] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettledText(text), SETTLE_DELAY_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settledText;
}
