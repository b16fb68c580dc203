/**
 * The account as React state, and the actions of the person. After each change, this tab and all others load
 * the overview again, so that they show what the service says.
 */
import { areCookiesBlocked } from '@samesite-sso/browser';
import type { Factor } from '@samesite-sso/protocol';
import type { FormFailure, PasswordProof } from '@samesite-sso/ui';
import { useEffect, useMemo, useReducer, useState } from 'react';
import { flushSync } from 'react-dom';
import { ACCOUNT_PATHS } from '../../src/account-page/paths.ts';
import type { Ended, Overview, SessionOverview } from '../../src/account-page/schemas.ts';
import { type AccountEvent, initialState, withEvent } from './account-state.ts';
import { createAuthenticatorActions } from './factors/authenticator-actions.ts';
import { COOKIES_BLOCKED_FAILURE, failureOf } from './failure-messages.ts';
import { createPasskeyActions } from './passkeys/passkey-actions.ts';
import { createPasskeySignIn } from './passkeys/passkey-sign-in.ts';
import { createReauthenticationSender } from './reauthentication/send-with-reauthentication.ts';
import { notifyOtherTabs, reloadWhenStale } from './reload-when-stale.ts';
import { type FailedReply, isRefused, type Reply, sendAccountRequest } from './send-account-request.ts';

export function useAccount() {
  const [state, dispatch] = useReducer(withEvent, initialState);
  /** What the person has to sign in with again, for a change that waits for it. */
  const [reauthentication, askForReauthentication] = useState<Factor | null>(null);
  const { loadOverview, reset, ...actions } = useMemo(
    () => createAccountActions(dispatch, askForReauthentication),
    [],
  );
  const { cancelReauthentication } = actions;
  const accountId = state.overview?.status === 'signed in' ? state.overview.account.id : null;

  useEffect(() => {
    // Render before the browser freezes the page, so that the back button restores a page without an account.
    return reloadWhenStale(
      () => void loadOverview(),
      () => flushSync(reset),
    );
  }, [loadOverview, reset]);

  // A change that waits for a sign-in is for the account that the page showed.
  useEffect(
    () => (accountId === null ? undefined : cancelReauthentication),
    [accountId, cancelReauthentication],
  );

  return { ...state, reauthentication, ...actions };
}

function createAccountActions(
  dispatch: (event: AccountEvent) => void,
  askForReauthentication: (method: Factor | null) => void,
) {
  const sender = createReauthenticationSender(askForReauthentication);
  /** A load is ignored if a newer one, or a sign-out, has started since. */
  let loadCount = 0;

  /** @returns null if there was no valid response, or the load is ignored */
  async function loadOverview(): Promise<Overview | null> {
    loadCount += 1;
    if (areCookiesBlocked()) {
      dispatch({ type: 'cookies-blocked' });
      return null;
    }
    const thisLoad = loadCount;
    const reply = await sendAccountRequest<Overview>('GET', ACCOUNT_PATHS.overview);
    if (thisLoad !== loadCount) return null;
    if (reply.status !== 'ok') {
      const { message } = failureOf(reply);
      dispatch({ type: 'overview-failed', message, tryAgain: async () => void (await loadOverview()) });
      return null;
    }
    dispatch({ type: 'overview-loaded', overview: reply.body });
    return reply.body;
  }

  function reset(): void {
    loadCount += 1;
    dispatch({ type: 'reset' });
  }

  async function signIn(username: string, password: string, code?: string): Promise<FormFailure | null> {
    // No session could start, so don't send the password.
    if (areCookiesBlocked()) return COOKIES_BLOCKED_FAILURE;
    const reply = await sendChange('POST', ACCOUNT_PATHS.login, { username, password, code });
    return reply.status === 'ok' ? await showSignedIn() : failureOf(reply);
  }

  async function showSignedIn(): Promise<FormFailure | null> {
    dispatch({ type: 'signed-in' });
    const overview = await loadOverview();
    return overview?.status === 'signed out' ? COOKIES_BLOCKED_FAILURE : null;
  }

  const passkeySignIn = createPasskeySignIn(
    'sign-in',
    (body) => sendChange('POST', ACCOUNT_PATHS.login, body),
    showSignedIn,
  );

  async function signOut(): Promise<void> {
    const reply = await sendChange('POST', ACCOUNT_PATHS.logout, {});
    loadCount += 1;
    if (reply.status === 'ok') dispatch({ type: 'signed-out' });
    else await fail(reply, 'The sign-out isn’t complete: you may still be signed in.', signOut);
  }

  const endSession = ({ sid, device }: SessionOverview) =>
    end(
      () => sendChange('DELETE', `${ACCOUNT_PATHS.sessions}/${sid}`),
      () => `Ended: ${device}.`,
    );

  const endOthers = () =>
    end(
      () => sendChange('DELETE', ACCOUNT_PATHS.sessions),
      ({ ended }) => `Ended: ${ended} other session${ended === 1 ? '' : 's'}.`,
    );

  async function end(send: () => Promise<Reply<Ended>>, toMessage: (ended: Ended) => string): Promise<void> {
    const reply = await send();
    if (reply.status === 'ok') {
      dispatch({ type: 'action-done', message: toMessage(reply.body) });
    } else if (isRefused(reply, 'not-found')) {
      dispatch({ type: 'action-done', message: 'That session had already ended.' });
    } else {
      return await fail(reply, 'What you wanted to end may still be active.', () => end(send, toMessage));
    }
    await loadOverview();
  }

  async function changePassword(oldPassword: string, newPassword: string): Promise<Reply<Ended>> {
    const reply = await sendChange<Ended>('POST', ACCOUNT_PATHS.password, { oldPassword, newPassword });
    if (reply.status === 'ok' || isRefused(reply, 'not-signed-in')) await loadOverview();
    return reply;
  }

  async function sendChange<Body>(...request: Parameters<typeof sendAccountRequest>): Promise<Reply<Body>> {
    const reply = await sender.send(() => sendAccountRequest<Body>(...request));
    if (reply.status === 'ok') notifyOtherTabs();
    return reply;
  }

  async function reauthenticate(proof: PasswordProof): Promise<FormFailure | null> {
    const reply = await sendReauthentication(proof);
    if (reply.status === 'ok') return null;
    const failure = failureOf(reply);
    return isRefused(reply, 'invalid-credentials')
      ? { ...failure, message: 'The password is wrong.' }
      : failure;
  }

  const passkeyReauthentication = createPasskeySignIn(
    'reauthentication',
    sendReauthentication,
    async () => null,
  );

  async function sendReauthentication(proof: object): Promise<Reply<unknown>> {
    const reply = await sendAccountRequest('POST', ACCOUNT_PATHS.reauthenticate, proof);
    if (reply.status === 'ok') {
      notifyOtherTabs();
      sender.end(true);
    } else if (isRefused(reply, 'not-signed-in')) {
      sender.end(false);
      await loadOverview();
    }
    return reply;
  }

  const changes = { sendChange, reload: loadOverview, fail };
  const authenticatorActions = createAuthenticatorActions(changes);
  const passkeyActions = createPasskeyActions(changes);

  async function fail(reply: FailedReply, consequence: string, tryAgain: () => Promise<void>): Promise<void> {
    if (isRefused(reply, 'reauthentication-required')) return; // The person has canceled.
    if (isRefused(reply, 'not-signed-in')) return void (await loadOverview());
    dispatch({ type: 'action-failed', error: { message: failureOf(reply).message, consequence, tryAgain } });
  }

  return {
    ...{ loadOverview, reset, signIn, signOut, endSession, endOthers, changePassword },
    ...{ passkeySignIn, passkeyActions, authenticatorActions, reauthenticate, passkeyReauthentication },
    cancelReauthentication: () => sender.end(false),
  };
}
