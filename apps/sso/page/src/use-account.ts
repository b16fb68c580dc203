/** The account as React state: looks when the page opens, and whenever the person looks at it again. */
import { useEffect, useMemo, useReducer } from 'react';
import { flushSync } from 'react-dom';
import { accountActions } from './account-actions.ts';
import { nothingKnown, withEvent } from './account-state.ts';

export function useAccount() {
  const [state, tell] = useReducer(withEvent, nothingKnown);
  const actions = useMemo(() => accountActions(tell), []);

  useEffect(() => {
    const { look, forget } = actions;
    const lookIfVisible = () => void (document.visibilityState === 'visible' && look());
    const lookIfRestored = ({ persisted }: PageTransitionEvent) => void (persisted && look());
    // Rendered before the browser freezes the page: what it may restore later holds nobody's name.
    const forgetIfFrozen = ({ persisted }: PageTransitionEvent) => persisted && flushSync(forget);
    void look();
    document.addEventListener('visibilitychange', lookIfVisible);
    addEventListener('pageshow', lookIfRestored);
    addEventListener('pagehide', forgetIfFrozen);
    return () => {
      document.removeEventListener('visibilitychange', lookIfVisible);
      removeEventListener('pageshow', lookIfRestored);
      removeEventListener('pagehide', forgetIfFrozen);
    };
  }, [actions]);

  return { ...state, ...actions };
}
