/**
 * The account as React state, and the actions of the person. `watch-tab.ts` decides when to load it again.
 */
import { useEffect, useMemo, useReducer } from 'react';
import { flushSync } from 'react-dom';
import { createAccountActions } from './account-actions.ts';
import { initialState, withEvent } from './account-state.ts';
import { watchTab } from './watch-tab.ts';

export function useAccount() {
  const [state, dispatch] = useReducer(withEvent, initialState);
  const actions = useMemo(() => createAccountActions(dispatch), []);

  useEffect(() => {
    const { loadOverview, reset } = actions;
    // Rendered before the browser freezes the page: what the back button restores shows no account.
    return watchTab(
      () => void loadOverview(),
      () => flushSync(reset),
    );
  }, [actions]);

  return { ...state, ...actions };
}
