/**
 * The flow of `@samesite-sso/browser` as React state: walks it when the page opens and whenever the person
 * looks at the tab again, and keeps what came of it for as long as the page is shown. It draws nothing.
 */
import { createSso, type Outcome, type SsoOptions } from '@samesite-sso/browser';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useReducer, useState } from 'react';
import { flushSync } from 'react-dom';
import { type Account, type Flow, initialState, type SignInState, withOutcome } from './sign-in-state.ts';
import { type Walk, withReport } from './walk.ts';

export interface SsoContext extends Pick<SignInState, 'standing' | 'trouble'> {
  /** The steps of the last walk. */
  walk: Walk;
  /** Whether a flow is under way that this page asked for; looking at the tab again is none. */
  busy: boolean;
  /** Steps 1 to 4, in mode `confirm` 1 and 2. */
  signIn(): Promise<Outcome>;
  /** Step 2 once more, then 3 and 4: the person goes on as the account that the standing names. */
  confirm(account: Account): Promise<Outcome>;
  /** Step 5, then 3 and 4. A refusal is told by the answer alone. */
  logIn(username: string, password: string): Promise<Outcome>;
  /** Ends both sessions by requests that it sends within the call, then walks again to show the result. */
  signOut(): Promise<Outcome>;
}

interface Props extends Omit<SsoOptions, 'onStep'> {
  children: ReactNode;
}

const Context = createContext<SsoContext | null>(null);

/**
 * Gives the page below it {@link useSso}.
 *
 * @throws {TypeError} at render if an option can't be right, as `createSso` does
 */
export function SsoProvider({ ssoOrigin, basePath = '', mode = 'automatic', children }: Props) {
  const [{ standing, trouble }, learn] = useReducer(withOutcome, initialState);
  const [walk, report] = useReducer(withReport, {});
  const [flows, setFlows] = useState(0);
  const sso = useMemo(
    () => createSso({ ssoOrigin, basePath, mode, onStep: report }),
    [ssoOrigin, basePath, mode],
  );

  const actions = useMemo(() => {
    const run = async (flow: Flow, outcomeToCome: Promise<Outcome>) => {
      setFlows((count) => count + 1);
      const outcome = await outcomeToCome;
      learn({ flow, outcome });
      setFlows((count) => count - 1);
      return outcome;
    };
    const signIn = () => run('walk', sso.signIn());
    const confirm = (account: Account) => run('walk', sso.confirm(account));
    const logIn = (username: string, password: string) => run('login', sso.logIn(username, password));
    const signOut = async () => {
      const outcome = await run('sign-out', sso.signOut());
      return outcome.status === 'password wanted' ? await signIn() : outcome;
    };
    return { signIn, confirm, logIn, signOut };
  }, [sso]);

  useEffect(() => {
    void actions.signIn();
    return sso.watch((outcome) => learn({ flow: 'walk', outcome }));
  }, [actions, sso]);

  useEffect(() => {
    // Whoever presses the back button after a sign-out is shown the page as the browser kept it.
    const forget = ({ persisted }: PageTransitionEvent) => {
      if (!persisted) return;
      flushSync(() => {
        learn('forget');
        report('forget');
      });
    };
    addEventListener('pagehide', forget);
    return () => removeEventListener('pagehide', forget);
  }, []);

  const context = { standing, trouble, walk, busy: flows > 0, ...actions };
  // React 18 has neither `<Context>` as a provider nor `use`.
  return <Context.Provider value={context}>{children}</Context.Provider>;
}

/**
 * The sign-in of this page.
 *
 * @throws {Error} outside an {@link SsoProvider}
 */
export function useSso(): SsoContext {
  const context = useContext(Context);
  if (context === null) throw new Error('useSso is used outside SsoProvider');
  return context;
}
