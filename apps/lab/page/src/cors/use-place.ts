/** The query of this document, and links that change it without loading the document again. */
import { type MouseEvent, useEffect, useState } from 'react';

export interface Place {
  search: string;
  /** Counts visits, so that visiting the same place again resets its state. */
  visit: number;
}

export function usePlace() {
  const [place, setPlace] = useState<Place>({ search: location.search, visit: 0 });

  useEffect(() => {
    const onPopState = () => setPlace(({ visit }) => ({ search: location.search, visit: visit + 1 }));
    addEventListener('popstate', onPopState);
    return () => removeEventListener('popstate', onPopState);
  }, []);

  /** Handles clicks in a region: follows links that only change the query. */
  function followLink(event: MouseEvent) {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const hasModifier = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    if (link === null || event.button !== 0 || hasModifier || link.target !== '') return;
    if (link.origin !== location.origin || link.pathname !== location.pathname || link.hash !== '') return;
    event.preventDefault();
    history.pushState(null, '', link.href);
    setPlace(({ visit }) => ({ search: location.search, visit: visit + 1 }));
    scrollTo({ top: 0 });
  }

  return { place, followLink };
}

/** Changes the address to match what the page already shows. This isn't a visit. */
export function replaceSearch(search: string): void {
  if (search !== location.search) history.replaceState(null, '', location.pathname + search);
}
