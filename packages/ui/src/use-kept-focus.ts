/**
 * Keeps a region from losing the focus: when the focused element is removed from the page, the focus moves to
 * the region's first element marked `data-landing`. It is never taken from an element that is still there.
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
