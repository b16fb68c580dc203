/** A time, in this browser's time zone. */
import { formatTime } from './format-time.ts';

export function Timestamp({ iso }: { iso: string }) {
  return <time dateTime={iso}>{formatTime(new Date(iso), new Date())}</time>;
}
