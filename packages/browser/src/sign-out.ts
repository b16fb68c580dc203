/**
 * Ends the app session and the SSO session. One request that arrives is enough, since the servers notify each
 * other. The page remembers an unconfirmed sign-out, and the next page of this origin finishes it.
 */
import type { Outcome } from './outcome.ts';
import type { Requests } from './requests.ts';
import { FlowError, isServerUnavailable } from './send-request.ts';
import { readItem, writeItem } from './storage.ts';

/** How long a sign-out waits for the SSO service once the app has responded. */
const SSO_SIGN_OUT_WAIT_MS = 1000;

const STORAGE_KEY = 'samesite-sso:sign-out';

/**
 * `sent`: the requests were sent, and at least one may have arrived, which is enough.
 * `failed`: neither server has responded.
 * `recorded`: the app refuses the SSO session, and its server tells the SSO service. Nothing is left to do,
 * but a sign-in would continue that SSO session.
 */
type UnfinishedSignOut = 'sent' | 'failed' | 'recorded';

/** Sends both requests before it awaits anything: the person may close the page right after the click. */
export async function startSignOut(requests: Requests): Promise<Outcome> {
  rememberSignOut('sent');
  return await endBothSessions(requests);
}

/**
 * Finishes an earlier page's sign-out. If one of its requests may have arrived, only the app gets another:
 * the browser's SSO session may be a newer one.
 */
export async function finishSignOut(requests: Requests): Promise<void> {
  const state = readItem(STORAGE_KEY);
  if (state === 'failed') await endBothSessions(requests);
  if (state === 'sent') await endAppSession(requests);
}

/**
 * Before a sign-in: ends an SSO session that the app may refuse. The same account's sign-in would continue
 * it, so the app would refuse that sign-in, too. A sign-in that continues nothing starts another SSO session.
 */
export async function endRefusedSsoSession(requests: Requests): Promise<void> {
  if (readItem(STORAGE_KEY) !== null) await requests.endSsoSession();
}

/** The app has refused a token of the SSO session. The person may have signed out of it here. */
export function rememberRefusedSsoSession(): void {
  rememberSignOut('recorded');
}

/** The app has accepted a token of the SSO session. A sign-out that has begun meanwhile goes on. */
export function forgetRefusedSsoSession(): void {
  if (readItem(STORAGE_KEY) === 'recorded') forgetSignOut();
}

/**
 * A step-up has started an SSO session for another account, which ended that of the app session. Ends the new
 * one, too. If a server doesn't respond, the next flow of this origin tries again.
 */
export async function endSessionsOfAnotherAccount(requests: Requests): Promise<void> {
  rememberSignOut('failed');
  const ended = await Promise.allSettled([requests.endSsoSession(), requests.endAppSession()]);
  if (ended.every(({ status }) => status === 'fulfilled')) forgetSignOut();
}

async function endBothSessions(requests: Requests): Promise<Outcome> {
  const ssoFailure = requests.endSsoSession().then(
    () => null,
    (error: unknown) => error,
  );
  let hadAppSession: boolean;
  try {
    hadAppSession = await requests.endAppAndSsoSession();
  } catch (error) {
    if (isFinal(error)) forgetSignOut();
    else rememberSignOut((await ssoFailure) === null ? 'sent' : 'failed');
    throw error;
  }
  if (hadAppSession) {
    rememberSignOut('recorded');
    const timeout = new Promise<true>((resolve) => setTimeout(resolve, SSO_SIGN_OUT_WAIT_MS, true));
    const failure = await Promise.race([ssoFailure, timeout]);
    if (failure !== null) return { status: 'sign-out-pending' };
    forgetSignOut();
    return { status: 'signed-out' };
  }
  // Without an app session, only this page can notify the SSO service.
  const failure = await ssoFailure;
  if (failure === null || isFinal(failure)) forgetSignOut();
  else rememberSignOut('failed');
  if (failure !== null) throw failure;
  return { status: 'signed-out' };
}

async function endAppSession(requests: Requests): Promise<void> {
  try {
    await requests.endAppAndSsoSession();
  } catch (error) {
    if (isFinal(error)) forgetSignOut();
    // A firewall may refuse DELETE, although the app session has expired or the SSO service has ended it.
    if (isFinal(error) || (await requests.fetchAppSession()).status === 'signed in') throw error;
  }
  forgetSignOut();
}

/** Whether a server would refuse the same request again. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof FlowError)) return false;
  return error.outcome.status === 'refused' && !isServerUnavailable(error.outcome);
}

function rememberSignOut(state: UnfinishedSignOut): void {
  writeItem(STORAGE_KEY, state);
}

export function forgetSignOut(): void {
  writeItem(STORAGE_KEY, null);
}
