/** Formats durations. */

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
