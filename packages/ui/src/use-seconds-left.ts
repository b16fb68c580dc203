/** A clock that runs down to a moment: renders once a second on the way there, and no more afterwards. */
import { useEffect, useReducer } from 'react';

/**
 * @param deadline in milliseconds since the epoch, as this browser counts them; null for none
 * @returns whole seconds, rounded up; 0 once the moment has come, and when there is none
 */
export function useSecondsLeft(deadline: number | null): number {
  const [, renderAgain] = useReducer((ticks: number) => ticks + 1, 0);
  useEffect(() => {
    if (deadline === null) return;
    let timer: ReturnType<typeof setTimeout>;
    const waitForTheNextSecond = () => {
      const left = deadline - Date.now();
      if (left > 0) timer = setTimeout(tick, left % 1000 || 1000);
    };
    const tick = () => {
      renderAgain();
      waitForTheNextSecond();
    };
    waitForTheNextSecond();
    return () => clearTimeout(timer);
  }, [deadline]);
  return deadline === null ? 0 : Math.max(0, Math.ceil((deadline - Date.now()) / 1000));
}
