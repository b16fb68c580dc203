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
 */
type UnfinishedSignOut = 'sent' | 'failed';

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
    forgetSignOut();
    const timeout = new Promise<true>((resolve) => setTimeout(resolve, SSO_SIGN_OUT_WAIT_MS, true));
    const failure = await Promise.race([ssoFailure, timeout]);
    return { status: failure === null ? 'signed-out' : 'sign-out-pending' };
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
