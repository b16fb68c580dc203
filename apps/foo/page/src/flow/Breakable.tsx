/** Text without spaces, in which a line may break at certain places. */
import { Fragment } from 'react';

/** @param at matches the places, such as `(?<=,)` */
export function Breakable({ text, at }: { text: string; at: RegExp }) {
  return text.split(at).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text keep their order
    <Fragment key={index}>
      <span>{part}</span>
      <wbr />
    </Fragment>
  ));
}
