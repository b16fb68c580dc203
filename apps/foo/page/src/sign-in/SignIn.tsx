/**
 * Shown to a person who isn't signed in here: in mode `confirm` the account that the site knows, otherwise
 * the form. A form that the person has chosen stays, also when a background check finds an account.
 */

import type { Standing } from '@samesite-sso/react';
import { useKeptFocus } from '@samesite-sso/ui';
import { useRef, useState } from 'react';
import { failureWords } from '../messages.ts';
import { Confirmation } from './Confirmation.tsx';
import { SignInForm } from './SignInForm.tsx';
import './SignIn.css';

const ENDED_WORDS = {
  here: 'You are signed out here and at the SSO service. All other apps follow within seconds.',
  elsewhere: 'Your SSO session has ended. Sign in again to go on.',
};

interface Props {
  standing: Extract<Standing, { status: 'confirmation wanted' | 'password wanted' }>;
  appName: string;
  /** Whether the SSO service hasn't confirmed a sign-out from here. */
  isPending: boolean;
}

export function SignIn({ standing, appName, isPending }: Props) {
  const [wantsForm, setWantsForm] = useState(false);
  const region = useRef<HTMLDivElement>(null);
  useKeptFocus(region);
  const found = standing.status === 'confirmation wanted' ? standing.account : null;

  return (
    <div className="sign-in" ref={region}>
      {found && !wantsForm ? (
        <Confirmation account={found} appName={appName} onAnother={() => setWantsForm(true)} />
      ) : (
        <SignInForm note={noteOf(standing, isPending)} />
      )}
      {found && wantsForm && (
        <button type="button" className="button" onClick={() => setWantsForm(false)}>
          <span>
            Back to <span translate="no">{found.displayName}</span>
          </span>
        </button>
      )}
    </div>
  );
}

function noteOf(standing: Props['standing'], isPending: boolean): string | null {
  if (isPending) return failureWords({ status: 'sign-out pending' });
  if (standing.status === 'password wanted') return standing.ended ? ENDED_WORDS[standing.ended] : null;
  return `Signing in with another account signs ${standing.account.displayName} out at every app.`;
}
