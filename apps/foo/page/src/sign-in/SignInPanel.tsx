/**
 * Shown to a person who isn't signed in here: the form, or in mode `confirm` the account that has the SSO
 * session. A form that the person has chosen stays, even if a check in the background finds an account.
 */
import type { UseSsoResult } from '@samesite-sso/react';
import { SignInForm, useRestoredFocus } from '@samesite-sso/ui';
import { useRef, useState } from 'react';
import { messageFor, signInFailure } from '../messages.ts';
import { Confirmation } from './Confirmation.tsx';
import './SignInPanel.css';

const SESSION_ENDED_NOTES = {
  here: 'You are signed out here and at the SSO service. All other apps follow within seconds.',
  elsewhere: 'Your SSO session has ended. Sign in again to continue.',
};

interface Props {
  sso: Extract<UseSsoResult, { status: 'confirmation-required' | 'signed-out' }>;
  appName: string;
  /** Whether the SSO service hasn't confirmed a sign-out yet. */
  isSignOutPending: boolean;
}

export function SignInPanel({ sso, appName, isSignOutPending }: Props) {
  const [wantsForm, setWantsForm] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  useRestoredFocus(panel);
  const { account, signInWithPassword } = sso;
  const signIn = async (username: string, password: string) =>
    signInFailure(await signInWithPassword(username, password));

  return (
    <div className="sign-in" ref={panel}>
      {account && !wantsForm ? (
        <Confirmation account={account} appName={appName} onUseAnother={() => setWantsForm(true)} />
      ) : (
        <SignInForm note={noteFor(sso, isSignOutPending)} signIn={signIn} />
      )}
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
