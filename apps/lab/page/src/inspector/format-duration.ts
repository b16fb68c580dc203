/** Durations in the unit that people would use. Pure. */

/** `30 s`, `5 min`, `2 h`, with a no-break space. */
export function formatSeconds(seconds: number): string {
  if (seconds < 120) return `${seconds}\u00a0s`;
  const [count, unit] = seconds < 7200 ? [seconds / 60, 'min'] : [seconds / 3600, 'h'];
  return `${Math.round(count)}\u00a0${unit}`;
}

/** `0.4 ms`, `12 ms`, `1.2 s`, `3 min`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 99_950) return `${Math.round(milliseconds / 60_000)} min`;
  if (milliseconds >= 999.5) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds < 9.95 ? 1 : 0)} ms`;
}
