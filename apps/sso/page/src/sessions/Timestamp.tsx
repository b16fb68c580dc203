/** A time in a form that its person can read at a glance. */
import { formatTime } from './format-time.ts';

export function Timestamp({ iso }: { iso: string }) {
  return <time dateTime={iso}>{formatTime(new Date(iso), new Date())}</time>;
}
