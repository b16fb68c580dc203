/**
 * Keeps the focus from getting lost in a region: when what had it there is gone from the page, it goes to
 * where one goes on, the region's first element marked `data-landing`. It never takes the focus from anything
 * that is still there.
 */
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

export function useKeptFocus(region: RefObject<HTMLElement | null>): void {
  const lastFocused = useRef<EventTarget | null>(null);

  useEffect(() => {
    const remember = (event: FocusEvent) => {
      const isHere = event.target instanceof Element && region.current?.contains(event.target);
      lastFocused.current = isHere ? event.target : null;
    };
    document.addEventListener('focusin', remember);
    return () => document.removeEventListener('focusin', remember);
  }, [region]);

  useLayoutEffect(() => {
    const gone = lastFocused.current instanceof Element && !lastFocused.current.isConnected;
    if (gone && document.activeElement === document.body) {
      region.current?.querySelector<HTMLElement>('[data-landing]')?.focus();
    }
  });
}
