/** Durations as text, and a countdown. */
import { useEffect, useReducer } from 'react';

/** `29:41`, `1:02:03`. */
export function formatCountdown(seconds: number): string {
  const twoDigits = (part: number) => String(part).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = twoDigits(seconds % 60);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** `1 second`, `45 seconds`, `13 minutes`. Rounded up, since a retry that comes too early fails. */
export function formatDuration(seconds: number): string {
  const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/**
 * A countdown. Renders its component once a second until it reaches 0.
 *
 * @param deadlineMs in milliseconds since the epoch, by this browser's clock; null for none
 * @returns whole seconds, rounded up; 0 after the deadline or without one
 */
export function useSecondsLeft(deadlineMs: number | null): number {
  const [, forceRender] = useReducer((ticks: number) => ticks + 1, 0);
  useEffect(() => {
    if (deadlineMs === null) return;
    let timer: ReturnType<typeof setTimeout>;
    const scheduleTick = () => {
      const leftMs = deadlineMs - Date.now();
      if (leftMs > 0) timer = setTimeout(tick, leftMs % 1000 || 1000);
    };
    const tick = () => {
      forceRender();
      scheduleTick();
    };
    scheduleTick();
    return () => clearTimeout(timer);
  }, [deadlineMs]);
  return deadlineMs === null ? 0 : Math.max(0, Math.ceil((deadlineMs - Date.now()) / 1000));
}
