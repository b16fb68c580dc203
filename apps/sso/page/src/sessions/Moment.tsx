/** A moment, as a clock on the wall here shows it. */
import { momentInWords } from './moment-in-words.ts';

export function Moment({ iso }: { iso: string }) {
  return <time dateTime={iso}>{momentInWords(new Date(iso), new Date())}</time>;
}
