/** A countdown, which renders once a second until it reaches 0. */
import { useEffect, useReducer } from 'react';

/**
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
