/**
 * The flow of `@samesite-sso/browser` as React state: walks it when the page opens and whenever the person
 * looks at the tab again, and keeps what came of it. It draws nothing.
 */
import { createSso, type Outcome } from '@samesite-sso/browser';
import { createContext, type ReactNode, use, useEffect, useMemo, useReducer, useState } from 'react';
import { type Flow, initialState, type SignInState, withOutcome } from './sign-in-state.ts';
import { type Walk, withReport } from './walk.ts';

export interface SsoContext extends SignInState {
  /** The steps of the last walk. */
  walk: Walk;
  /** Whether a flow is under way that this page asked for; looking at the tab again is none. */
  busy: boolean;
  /** Steps 1 to 4. */
  signIn(): Promise<Outcome>;
  /** Step 5, then 3 and 4. A refusal is told by the answer alone. */
  logIn(username: string, password: string): Promise<Outcome>;
  /** Ends both sessions, then walks anew to show that nobody is signed in. */
  signOut(): Promise<Outcome>;
}

const Context = createContext<SsoContext | null>(null);

/** Gives the page below it {@link useSso}. */
export function SsoProvider({ ssoOrigin, children }: { ssoOrigin: string; children: ReactNode }) {
  const [state, learn] = useReducer(withOutcome, initialState);
  const [walk, report] = useReducer(withReport, {});
  const [flows, setFlows] = useState(0);
  const sso = useMemo(() => createSso({ ssoOrigin, onStep: report }), [ssoOrigin]);

  const actions = useMemo(() => {
    const run = async (flow: Flow, outcomeToCome: Promise<Outcome>) => {
      setFlows((count) => count + 1);
      const outcome = await outcomeToCome;
      learn({ flow, outcome });
      setFlows((count) => count - 1);
      return outcome;
    };
    const signIn = () => run('walk', sso.signIn());
    const logIn = (username: string, password: string) => run('login', sso.logIn(username, password));
    const signOut = async () => {
      const outcome = await run('sign-out', sso.signOut());
      return outcome.status === 'password wanted' ? await signIn() : outcome;
    };
    return { signIn, logIn, signOut };
  }, [sso]);

  useEffect(() => {
    void actions.signIn();
    return sso.watch((outcome) => learn({ flow: 'walk', outcome }));
  }, [actions, sso]);

  return <Context value={{ ...state, walk, busy: flows > 0, ...actions }}>{children}</Context>;
}

/**
 * The sign-in of this page.
 *
 * @throws {Error} outside an {@link SsoProvider}
 */
export function useSso(): SsoContext {
  const context = use(Context);
  if (context === null) throw new Error('useSso is used outside SsoProvider');
  return context;
}
