/** The account page: the signed-in account, how its person signs in, its sessions, or the sign-in form. */
import type { Account } from '@samesite-sso/protocol';
import { AccountChangedNotice, CookiesBlocked, Header, SignInForm, useRestoredFocus } from '@samesite-sso/ui';
import { useRef, useState } from 'react';
import { AccountIcon } from './AccountIcon.tsx';
import { ActionButton } from './ActionButton.tsx';
import { PasskeyAdvice } from './invitation/PasskeyAdvice.tsx';
import { PasswordForm } from './password/PasswordForm.tsx';
import { Reauthentication } from './reauthentication/Reauthentication.tsx';
import { SignInMethods } from './SignInMethods.tsx';
import { Sessions } from './sessions/Sessions.tsx';
import { useAccount } from './use-account.ts';
import '@samesite-sso/ui/alert.css';
import './App.css';

const SESSION_ENDED_NOTES = {
  here: 'You are signed out here. The apps that you used follow within seconds.',
  elsewhere: 'Your SSO session has ended. Sign in again to continue.',
};

interface Props {
  /** The account whose invitation was accepted on this page; null if there is none. */
  invitedId: string | null;
  dismissAdvice: () => void;
}

export function App({ invitedId, dismissAdvice }: Props) {
  const { overview, areCookiesBlocked, previousAccount, sessionEnded, error, done, ...actions } =
    useAccount();
  const [dismissed, setDismissed] = useState<Account | null>(null);
  const page = useRef<HTMLElement>(null);
  useRestoredFocus(page);

  return (
    <main className="page" ref={page}>
      <Header name="Your account" icon={<AccountIcon />}>
        Use this account in the apps of this site. See where you are signed in, end sessions, and change how
        you sign in.
      </Header>
      {error && (
        <section className="alert">
          <div role="alert">
            <p className="alert-title">{error.message}</p>
            <p>{error.consequence}</p>
          </div>
          <ActionButton act={error.tryAgain} isFocusTarget>
            Try again
          </ActionButton>
        </section>
      )}
      {areCookiesBlocked && <CookiesBlocked origins={[location.origin]} />}
      {overview === null && error === null && !areCookiesBlocked && (
        <p className="card placeholder delayed">Checking whether you are signed in …</p>
      )}
      {overview?.status === 'signed out' && (
        <SignInForm
          note={sessionEnded && SESSION_ENDED_NOTES[sessionEnded]}
          signIn={actions.signIn}
          passkeys={actions.passkeySignIn}
        />
      )}
      {overview?.status === 'signed in' && (
        <AccountChangedNotice
          shown={overview.account}
          previous={previousAccount === dismissed ? null : previousAccount}
          onDismiss={() => setDismissed(previousAccount)}
        />
      )}
      {overview?.status === 'signed in' &&
        overview.account.id === invitedId &&
        overview.factors.passkeys.length === 0 && <PasskeyAdvice onDismiss={dismissAdvice} />}
      {overview?.status === 'signed in' && (
        <div className="account" key={overview.account.id}>
          <section className="card account-card">
            <p className="account-card-label">Signed in as</p>
            <h2 className="account-card-name" translate="no" tabIndex={-1} data-focus-target>
              {overview.account.displayName}
            </h2>
            <p className="account-card-username" translate="no">
              {overview.account.username}
            </p>
            <ActionButton act={actions.signOut}>Sign out</ActionButton>
          </section>
          <SignInMethods
            overview={overview}
            authenticatorActions={actions.authenticatorActions}
            passkeyActions={actions.passkeyActions}
          />
          <Sessions
            sessions={overview.sessions}
            sessionCount={overview.sessionCount}
            done={done}
            endSession={actions.endSession}
            endOthers={actions.endOthers}
          />
          <PasswordForm username={overview.account.username} changePassword={actions.changePassword} />
          {actions.reauthentication && (
            <Reauthentication
              username={overview.account.username}
              method={actions.reauthentication}
              reauthenticate={actions.reauthenticate}
              passkeys={actions.passkeyReauthentication}
              cancel={actions.cancelReauthentication}
            />
          )}
        </div>
      )}
    </main>
  );
}
