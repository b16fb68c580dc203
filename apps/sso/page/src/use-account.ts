/** The account as React state: what was seen last, and what the person can do. When to look is `tabs.ts`'s. */
import { useEffect, useMemo, useReducer } from 'react';
import { flushSync } from 'react-dom';
import { accountActions } from './account-actions.ts';
import { nothingKnown, withEvent } from './account-state.ts';
import { watchTab } from './tabs.ts';

export function useAccount() {
  const [state, tell] = useReducer(withEvent, nothingKnown);
  const actions = useMemo(() => accountActions(tell), []);

  useEffect(() => {
    const { look, forget } = actions;
    // Rendered before the browser freezes the page: what it may restore later holds nobody's name.
    return watchTab(
      () => void look(),
      () => flushSync(forget),
    );
  }, [actions]);

  return { ...state, ...actions };
}
