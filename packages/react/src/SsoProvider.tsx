/**
 * Runs the flow of `@samesite-sso/browser` when the page opens and while it is open, and keeps the result as
 * React state. It renders nothing of its own.
 */
import { createSso, type Outcome, type Sso, type SsoOptions } from '@samesite-sso/browser';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useReducer, useState } from 'react';
import { flushSync } from 'react-dom';
import {
  type Account,
  type Flow,
  initialHistory,
  type SsoState,
  type StepReports,
  withOutcome,
  withReport,
} from './sso-state.ts';

export type UseSsoResult = SsoState & {
  /** The steps of the last flow. */
  steps: StepReports;
  /** Whether a flow that this page started is running. Checks by `watch` don't count. */
  isPending: boolean;
} & Omit<Sso, 'watch'>;

interface Props extends Omit<SsoOptions, 'onStep'> {
  children: ReactNode;
}

const Context = createContext<UseSsoResult | null>(null);

/**
 * Gives the components below it {@link useSso}.
 *
 * @throws {TypeError} at render if an option is invalid, as `createSso` does
 */
export function SsoProvider({ ssoOrigin, basePath = '', mode = 'automatic', children }: Props) {
  const [{ state }, onOutcome] = useReducer(withOutcome, initialHistory);
  const [steps, onStep] = useReducer(withReport, {});
  const [runningFlows, setRunningFlows] = useState(0);
  const sso = useMemo(() => createSso({ ssoOrigin, basePath, mode, onStep }), [ssoOrigin, basePath, mode]);

  const actions = useMemo(() => {
    const run = async (flow: Flow, promise: Promise<Outcome>) => {
      setRunningFlows((count) => count + 1);
      const outcome = await promise;
      onOutcome({ flow, outcome });
      setRunningFlows((count) => count - 1);
      return outcome;
    };
    const signInSilently = () => run('sign-in', sso.signInSilently());
    return {
      signInSilently,
      confirm: (account: Account) => run('sign-in', sso.confirm(account)),
      signInWithPassword: (username: string, password: string) =>
        run('password', sso.signInWithPassword(username, password)),
      async signOut() {
        const outcome = await run('sign-out', sso.signOut());
        // Shows what the servers say now.
        return outcome.status === 'signed-out' ? await signInSilently() : outcome;
      },
    };
  }, [sso]);

  useEffect(() => {
    void actions.signInSilently();
    return sso.watch((outcome) => onOutcome({ flow: 'sign-in', outcome }));
  }, [actions, sso]);

  useEffect(() => {
    // The back button shows the page as the browser froze it, even after a sign-out elsewhere.
    const reset = ({ persisted }: PageTransitionEvent) => {
      if (!persisted) return;
      flushSync(() => {
        onOutcome('reset');
        onStep('reset');
      });
    };
    addEventListener('pagehide', reset);
    return () => removeEventListener('pagehide', reset);
  }, []);

  // React 18 has neither `<Context>` as a provider nor `use`.
  return (
    <Context.Provider value={{ ...state, steps, isPending: runningFlows > 0, ...actions }}>
      {children}
    </Context.Provider>
  );
}

/**
 * Who is signed in on this page, and the functions to change that.
 *
 * @throws {Error} outside an {@link SsoProvider}
 */
export function useSso(): UseSsoResult {
  const context = useContext(Context);
  if (context === null) throw new Error('useSso must be called below <SsoProvider>.');
  return context;
}
