/**
 * Runs the flow of `@samesite-sso/browser` and keeps its result. It imports nothing from React, so the flow
 * can start before React has loaded.
 */
import { createSso, type Outcome, type Sso, type SsoOptions } from '@samesite-sso/browser';
import {
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
  /**
   * Whether a flow that this page started is running. Checks by `watch` and sign-ins from the autofill don't
   * count.
   */
  isPending: boolean;
} & Omit<Sso, 'watch'>;

export type StoreOptions = Omit<SsoOptions, 'onStep'>;

/** What `useSyncExternalStore` needs. */
export interface SsoStore {
  subscribe(onChange: () => void): () => void;
  /** @returns the same object until something has changed */
  getSnapshot(): UseSsoResult;
  /** The result before anything has happened, as a server renders it. */
  getServerSnapshot(): UseSsoResult;
  /**
   * Signs in silently, and watches the tab.
   *
   * @returns a function that stops the watch
   */
  start(): () => void;
}

/** @throws {TypeError} if an option is unknown or invalid */
export function createSsoStore(options: StoreOptions): SsoStore {
  let history = initialHistory;
  let steps: StepReports = {};
  let runningFlows = 0;
  const listeners = new Set<() => void>();
  const sso = createSso({
    ...options,
    onStep: (report) => {
      steps = withReport(steps, report);
      notify();
    },
  });

  const run = async (flow: Flow, promise: Promise<Outcome>) => {
    runningFlows += 1;
    notify();
    const outcome = await promise;
    runningFlows -= 1;
    handleOutcome(flow, outcome);
    return outcome;
  };
  const signInSilently = () => run('sign-in', sso.signInSilently());
  const actions: Omit<Sso, 'watch'> = {
    signInSilently,
    confirm: (account) => run('sign-in', sso.confirm(account)),
    signInWithPassword: (username, password, code) =>
      run('login', sso.signInWithPassword(username, password, code)),
    stepUp: (proof) => run('step-up', sso.stepUp(proof)),
    signInWithPasskey: (signal) =>
      run(history.state.account ? 'step-up' : 'login', sso.signInWithPasskey(signal)),
    autofillPasskeys: (onOutcome) =>
      sso.autofillPasskeys((outcome) => {
        handleOutcome('login', outcome);
        onOutcome(outcome);
      }),
    async signOut() {
      const outcome = await run('sign-out', sso.signOut());
      // Shows what the servers say now.
      return outcome.status === 'signed-out' ? await signInSilently() : outcome;
    },
  };

  const toResult = (): UseSsoResult => ({
    ...history.state,
    steps,
    isPending: runningFlows > 0,
    ...actions,
  });
  const initial = toResult();
  let snapshot = initial;

  function handleOutcome(flow: Flow, outcome: Outcome): void {
    history = withOutcome(history, { flow, outcome });
    notify();
  }

  // The back button shows the page as the browser froze it, even after a sign-out elsewhere. React renders a
  // change of a store in a microtask, which still runs before the browser freezes the page.
  function forget({ persisted }: PageTransitionEvent): void {
    if (!persisted) return;
    history = withOutcome(history, 'reset');
    steps = withReport(steps, 'reset');
    notify();
  }

  function notify(): void {
    snapshot = toResult();
    for (const listener of listeners) listener();
  }

  return {
    subscribe(onChange) {
      listeners.add(onChange);
      return () => listeners.delete(onChange);
    },
    getSnapshot: () => snapshot,
    getServerSnapshot: () => initial,
    start() {
      addEventListener('pagehide', forget);
      void signInSilently();
      const stopWatching = sso.watch((outcome) => handleOutcome('sign-in', outcome));
      return () => {
        removeEventListener('pagehide', forget);
        stopWatching();
      };
    },
  };
}
