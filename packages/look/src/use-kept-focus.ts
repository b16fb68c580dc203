/**
 * Keeps the focus from getting lost: when what had it is gone from the page, it goes to where one goes on,
 * the first element marked `data-landing`. It never takes the focus from anything that is still there.
 */
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';

export function useKeptFocus(region: RefObject<HTMLElement | null>): void {
  const lastFocused = useRef<EventTarget | null>(null);

  useEffect(() => {
    const remember = (event: FocusEvent) => {
      lastFocused.current = event.target;
    };
    document.addEventListener('focusin', remember);
    return () => document.removeEventListener('focusin', remember);
  }, []);

  useLayoutEffect(() => {
    const gone = lastFocused.current instanceof Element && !lastFocused.current.isConnected;
    if (gone && document.activeElement === document.body) {
      region.current?.querySelector<HTMLElement>('[data-landing]')?.focus();
    }
  });
}
