/**
 * Shown to a person who isn't signed in here: the form, or the account that has the SSO session, which the
 * person has to confirm (mode `confirm`), or which isn't permitted. A form that the person has chosen stays,
 * even if a check in the background finds an account.
 */
import type { Outcome, UseSsoResult } from '@samesite-sso/react';
import { type FormFailure, SignInForm, useRestoredFocus } from '@samesite-sso/ui';
import { useCallback, useMemo, useRef, useState } from 'react';
import { messageFor, signInFailure } from '../messages.ts';
import { Confirmation } from './Confirmation.tsx';
import { NotPermitted } from './NotPermitted.tsx';
import './SignInPanel.css';

const SESSION_ENDED_NOTES = {
  here: 'You are signed out here and at the SSO service. All other apps follow within seconds.',
  'another-account':
    'That passkey belongs to another account, so you were signed out, and your request wasn’t completed. ' +
    'Sign in again. If that passkey has your name, but your account page doesn’t list it, delete it from ' +
    'this device: somebody else may have put it there.',
  elsewhere: 'Your SSO session has ended. Sign in again to continue.',
};

interface Props {
  sso: Extract<UseSsoResult, { status: 'confirmation-required' | 'not-permitted' | 'signed-out' }>;
  appName: string;
  /** Whether the SSO service hasn't confirmed a sign-out yet. */
  isSignOutPending: boolean;
}

export function SignInPanel({ sso, appName, isSignOutPending }: Props) {
  const [wantsForm, setWantsForm] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  useRestoredFocus(panel);
  const { account, signInWithPassword, signInWithPasskey, autofillPasskeys } = sso;
  const onUseAnother = () => setWantsForm(true);
  const failureOf = useCallback((outcome: Outcome) => {
    // The account that has just signed in is shown, even if it is the same one as before.
    if (outcome.status === 'not-permitted') setWantsForm(false);
    return signInFailure(outcome);
  }, []);
  const signIn = async (...credentials: Parameters<typeof signInWithPassword>) =>
    failureOf(await signInWithPassword(...credentials));
  const passkeys = useMemo(
    () => ({
      signIn: async (signal: AbortSignal) => failureOf(await signInWithPasskey(signal)),
      autofill: (onResult: (failure: FormFailure | null) => void) =>
        autofillPasskeys((outcome) => onResult(failureOf(outcome))),
    }),
    [failureOf, signInWithPasskey, autofillPasskeys],
  );

  return (
    <div className="sign-in" ref={panel}>
      {(account === null || wantsForm) && (
        <SignInForm note={noteFor(sso, isSignOutPending)} signIn={signIn} passkeys={passkeys} />
      )}
      {account &&
        !wantsForm &&
        (sso.status === 'not-permitted' ? (
          <NotPermitted account={account} appName={appName} onUseAnother={onUseAnother} />
        ) : (
          <Confirmation account={account} appName={appName} onUseAnother={onUseAnother} />
        ))}
      {account && wantsForm && (
        <button type="button" className="button" onClick={() => setWantsForm(false)}>
          <span>
            Back to <span translate="no">{account.displayName}</span>
          </span>
        </button>
      )}
    </div>
  );
}

function noteFor({ account, sessionEnded }: Props['sso'], isSignOutPending: boolean): string | null {
  if (isSignOutPending) return messageFor({ status: 'sign-out-pending' });
  if (account) return `Signing in with another account signs ${account.displayName} out of every app.`;
  return sessionEnded && SESSION_ENDED_NOTES[sessionEnded];
}
