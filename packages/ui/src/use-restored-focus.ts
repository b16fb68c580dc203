/**
 * Restores the focus in a region: when the focused element is removed from the page, the focus moves to the
 * region's first element with `data-focus-target`. An element that is still there keeps the focus.
 */
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

export function useRestoredFocus(region: RefObject<HTMLElement | null>): void {
  const lastFocused = useRef<EventTarget | null>(null);

  useEffect(() => {
    const remember = (event: FocusEvent) => {
      const isInRegion = event.target instanceof Element && region.current?.contains(event.target);
      lastFocused.current = isInRegion ? event.target : null;
    };
    document.addEventListener('focusin', remember);
    return () => document.removeEventListener('focusin', remember);
  }, [region]);

  useLayoutEffect(() => {
    const isRemoved = lastFocused.current instanceof Element && !lastFocused.current.isConnected;
    if (isRemoved && document.activeElement === document.body) {
      region.current?.querySelector<HTMLElement>('[data-focus-target]')?.focus();
    }
  });
}
