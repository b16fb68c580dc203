/** Keeps the end of the diagram in view while new rows arrive, if it is in view already. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Row } from '../rows.ts';

interface Follow {
  /** The ref of an element after the last row. */
  end: RefObject<HTMLDivElement | null>;
  isAtEnd: boolean;
  scrollToEnd: () => void;
}

/** @param isReading whether a message is open, so that the page must not move */
export function useFollow(rows: readonly Row[], isReading: boolean): Follow {
  const end = useRef<HTMLDivElement>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const hadRows = useRef(false);

  // An observer reports after layout, so nothing here forces one.
  useEffect(() => {
    if (end.current === null) return;
    const observer = new IntersectionObserver(([entry]) => setIsAtEnd(entry?.isIntersecting ?? true));
    observer.observe(end.current);
    return () => observer.disconnect();
  }, []);

  const scrollToEnd = useCallback(() => end.current?.scrollIntoView({ block: 'end' }), []);

  // Rows also change when a response arrives and makes its row grow.
  useLayoutEffect(() => {
    // The first rows happened before this page was opened, so it starts at their top.
    const isFirst = !hadRows.current;
    hadRows.current = rows.length > 0;
    if (rows.length > 0 && !isFirst && isAtEnd && !isReading) scrollToEnd();
  }, [rows, isAtEnd, isReading, scrollToEnd]);

  return { end, isAtEnd, scrollToEnd };
}
