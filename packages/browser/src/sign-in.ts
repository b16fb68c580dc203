/**
 * Steps 1 to 5 of 5 in the page, in the order in which they happen. Step 5 comes before step 3: a token is
 * issued from an SSO session, and if there is none, the password of step 5 starts one. The numbers come from
 * the 2017 article (README.md). `packages/relying-app` handles steps 1 and 4, `apps/sso/src/cross-origin`
 * steps 2, 3 and 5. `requests.ts` sends the requests, and `flows.ts` runs one flow at a time.
 */
import type { Account, SignedIn } from '@samesite-sso/protocol';
import type { PasskeySignInOptions, SignIn } from './app-passkey-sign-in.ts';
import {
  type EarlyLoginStatus,
  forgetSignedIn,
  isProbablySignedIn,
  rememberSignedIn,
  sendLoginStatusEarly,
} from './early-login-status.ts';
import { Flows } from './flows.ts';
import { type SsoOptions, validateOptions } from './options.ts';
import type { Outcome, Step } from './outcome.ts';
import { createRequests, RENEWAL_SECONDS } from './requests.ts';
import { FlowError, isLoginRefused, isServerUnavailable, isTokenRefused } from './send-request.ts';
import {
  endRefusedSsoSession,
  finishSignOut,
  forgetRefusedSsoSession,
  forgetSignOut,
  rememberRefusedSsoSession,
  startSignOut,
} from './sign-out.ts';
import type { Sso, StepUpProof } from './sso.ts';
import { isBackForwardNavigation, notifyOtherTabs, watchTab } from './tabs.ts';

interface Continuation {
  /** The account that the person has confirmed, or that this page shows. */
  confirmed?: Account | undefined;
  /** Step 2, if it was sent at the same time as step 1. */
  early?: EarlyLoginStatus | undefined;
}

/**
 * The flow for one page. Its functions never reject, unless `onStep` throws: a failure is an {@link Outcome}.
 *
 * @throws {TypeError} if an option is unknown or invalid
 */
export function createSso(options: SsoOptions): Sso {
  const { mode, onStep, ...rest } = validateOptions(options);
  const requests = createRequests({ ...rest, onStep });

  // Step 1 of 5. Is there an app session? If not, next is step 2. If there probably isn't one, step 2 is sent
  // at the same time.
  async function signInSilently(): Promise<Outcome> {
    const appSession = requests.fetchAppSession();
    const early = isProbablySignedIn() ? undefined : sendLoginStatusEarly(requests, onStep);
    const session = await appSession.catch((error) => {
      early?.skip('not needed: step 1 failed');
      throw error;
    });
    if (session.status === 'signed out') return await continueFromSso({ early });
    // Step 2 doesn't matter here, even if it names another account: an app session is valid without the SSO
    // service.
    if (early) early.skip('not needed: app session found');
    else skip('not needed: app session found', 2);
    skip('not needed: app session found', 5, 3, 4);
    return { status: 'signed-in', account: session.account };
  }

  // Step 2 of 5. Is there an SSO session? If so, next is step 3, in mode `confirm` after the person confirms.
  // If not, next is step 5, after the person types a password.
  async function continueFromSso({ confirmed, early }: Continuation): Promise<Outcome> {
    const login = await (early?.response ?? requests.fetchLoginStatus());
    if (login.status === 'signed out') return { status: 'signed-out' };
    const { account } = login;
    skip('not needed: SSO session found', 5);
    if (needsConfirmation(account, confirmed)) return { status: 'confirmation-required', account };
    return await exchangeToken(account);
  }

  // Step 5 of 5. The password starts an SSO session, or continues the account's own. Next is step 3.
  function signInWithPassword(username: string, password: string, code?: string): Promise<Outcome> {
    return signIn(() => requests.startSsoSession(username, password, code));
  }

  async function signIn(startSsoSession: () => Promise<SignedIn>): Promise<Outcome> {
    await endRefusedSsoSession(requests);
    const { account } = await startSsoSession();
    forgetSignOut();
    return await exchangeToken(account, fetchTokenAfterLogin);
  }

  // Step 5 of 5, by the account that this page shows.
  async function stepUp(proof: StepUpProof): Promise<Outcome> {
    if (!shownAccount || 'passkey' in proof) return { status: 'signed-out' };
    return await signInWithPassword(shownAccount.username, proof.password, proof.code);
  }

  // Steps 3 and 4 of 5. The SSO service issues a token, and the app exchanges it for an app session.
  async function exchangeToken(
    expected: Account,
    fetchToken = requests.fetchToken,
    mayRetry = true,
  ): Promise<Outcome> {
    const { token } = await fetchToken(expected);
    try {
      const { account } = await requests.startAppSession(token);
      forgetRefusedSsoSession();
      // Another account may have signed in at the SSO service since step 2 or 5.
      if (needsConfirmation(account, expected)) return await endUnconfirmedSession(account);
      return { status: 'signed-in', account };
    } catch (error) {
      // A login in another tab can end the SSO session between steps 3 and 4. Try once more with the session
      // that replaced it.
      const isRefused = error instanceof FlowError && isTokenRefused(error.outcome);
      if (mayRetry && isRefused) return await exchangeToken(expected, undefined, false);
      if (isRefused) rememberRefusedSsoSession();
      throw error;
    }
  }

  // Steps 1 and 2 again, on a page that is already open: the person may have signed out or switched accounts
  // in another app. Steps 3 and 4 follow if the account changed or the app session must be renewed.
  async function recheck(isRenewal = false): Promise<Outcome> {
    const session = await requests.fetchAppSession();
    // An account that this page has shown needs no second confirmation.
    if (session.status === 'signed out') return await continueFromSso({ confirmed: shownAccount });
    // An app session outlives a failure of the SSO service.
    const login = await requests.fetchLoginStatus().catch(() => null);
    if (login?.status === 'signed out') {
      await requests.endAppSession();
      return { status: 'signed-out' };
    }
    const hasChanged = login !== null && login.account.id !== session.account.id;
    // Another tab may have renewed the app session already.
    const isDue = isRenewal && requests.renewAtMs() - Date.now() < 1000 * RENEWAL_SECONDS;
    if (login !== null && (hasChanged || isDue)) {
      const { account } = login;
      skip('not needed: SSO session found', 5);
      if (hasChanged && needsConfirmation(account)) return await endUnconfirmedSession(account);
      return await exchangeToken(account);
    }
    skip('not needed: app session found', 5, 3, 4);
    return { status: 'signed-in', account: session.account };
  }

  function needsConfirmation(found: Account, confirmed?: Account): boolean {
    return mode === 'confirm' && found.id !== confirmed?.id;
  }

  async function endUnconfirmedSession(account: Account): Promise<Outcome> {
    await requests.endAppSession();
    return { status: 'confirmation-required', account };
  }

  function fetchTokenAfterLogin(account: Account) {
    return requests.fetchToken(account).catch((error) => {
      // Step 5 has just started an SSO session, so the browser must have dropped its cookie.
      throw error.outcome?.status === 'signed-out' ? new FlowError({ status: 'cookies-blocked' }) : error;
    });
  }

  function skip(label: string, ...steps: Step[]): void {
    for (const step of steps) onStep({ step, state: 'skipped', label });
  }

  // Marks this page's own messages to the other tabs. It isn't a secret, and insecure pages lack
  // `crypto.randomUUID`.
  const pageId = Math.random();

  // The account that the page shows: it is signed in, or has to step up, or isn't permitted.
  let shownAccount: Account | undefined;

  const flows = new Flows();
  flows.listeners.add((outcome) => {
    if (isServerUnavailable(outcome) || isLoginRefused(outcome)) return;
    const { status } = outcome;
    shownAccount = 'account' in outcome && status !== 'confirmation-required' ? outcome.account : undefined;
    if (status === 'signed-in') rememberSignedIn(requests.renewAtMs());
    else forgetSignedIn();
  });
  const finishSignOutThen = async (flow: () => Promise<Outcome>) => {
    await finishSignOut(requests);
    return await flow();
  };
  const run = (flow: () => Promise<Outcome>) => flows.run(() => finishSignOutThen(flow));
  // The person decides outside of a flow: meanwhile, other flows go on.
  const runSignIn: SignIn = (startSsoSession) => flows.run(() => signIn(startSsoSession));
  const loadPasskeys = () => import('./app-passkey-sign-in.ts');
  const toFailure = (): Outcome => ({ status: 'app-unreachable' }); // The module didn't load.
  const signInWithPasskey = (options: PasskeySignInOptions) =>
    loadPasskeys().then((passkeys) => passkeys.signInWithAppPasskey(requests, runSignIn, options), toFailure);

  return {
    // After a back/forward navigation, the person may have signed out elsewhere in the meantime.
    signInSilently: () => run(isBackForwardNavigation() ? recheck : signInSilently),
    confirm: (account) => run(() => continueFromSso({ confirmed: account })),
    signInWithPassword: (...credentials) => flows.run(() => signInWithPassword(...credentials)),
    stepUp: (proof) =>
      'passkey' in proof && shownAccount
        ? signInWithPasskey({ expected: shownAccount })
        : flows.run(() => stepUp(proof)),
    signInWithPasskey: (signal) => signInWithPasskey({ signal }),
    autofillPasskeys: (onOutcome) => {
      const stopping = new AbortController();
      loadPasskeys().then(({ autofillAppPasskeys }) => {
        if (stopping.signal.aborted) return;
        stopping.signal.addEventListener('abort', autofillAppPasskeys(requests, runSignIn, onOutcome));
      }, toFailure);
      return () => stopping.abort();
    },
    signOut: () => flows.runSignOut(startSignOut(requests).finally(() => notifyOtherTabs(pageId))),
    watch: (onOutcome) =>
      watchTab({
        flows,
        pageId,
        recheck: (isRenewal) => finishSignOutThen(() => recheck(isRenewal)),
        renewAtMs: requests.renewAtMs,
        onOutcome,
      }),
  };
}
