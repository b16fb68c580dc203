/** The account page: the signed-in account, its sessions and its password, or the sign-in form. */
import type { Account } from '@samesite-sso/protocol';
import { CookiesBlocked, Header, ReplacedNotice, SignInForm, useRestoredFocus } from '@samesite-sso/ui';
import { useRef, useState } from 'react';
import { AccountCard } from './AccountCard.tsx';
import { ErrorNotice } from './ErrorNotice.tsx';
import { PasswordForm } from './password/PasswordForm.tsx';
import { Sessions } from './sessions/Sessions.tsx';
import { useAccount } from './use-account.ts';
import './App.css';

const SESSION_ENDED_NOTES = {
  here: 'You are signed out here. The apps that you used follow within seconds.',
  elsewhere: 'Your SSO session has ended. Sign in again to continue.',
};

export function App() {
  const { overview, areCookiesBlocked, replaced, sessionEnded, error, done, ...actions } = useAccount();
  const [dismissed, setDismissed] = useState<Account | null>(null);
  const { signIn, signOut, endSession, endOthers, changePassword } = actions;
  const page = useRef<HTMLElement>(null);
  useRestoredFocus(page);

  return (
    <main className="page" ref={page}>
      <Header name="Your account" icon={<AccountIcon />}>
        You use this account at every app of this site. See where you are signed in, end sessions, and change
        your password.
      </Header>
      {error && <ErrorNotice {...error} />}
      {areCookiesBlocked && <CookiesBlocked origins={[location.origin]} />}
      {overview === null && error === null && !areCookiesBlocked && (
        <p className="card placeholder delayed">Checking whether you are signed in …</p>
      )}
      {overview?.status === 'signed out' && (
        <SignInForm note={sessionEnded && SESSION_ENDED_NOTES[sessionEnded]} signIn={signIn} />
      )}
      {overview?.status === 'signed in' && (
        <ReplacedNotice
          shown={overview.account}
          replaced={replaced === dismissed ? null : replaced}
          onDismiss={() => setDismissed(replaced)}
        />
      )}
      {overview?.status === 'signed in' && (
        <div className="account" key={overview.account.id}>
          <AccountCard account={overview.account} signOut={signOut} />
          <Sessions
            sessions={overview.sessions}
            sessionCount={overview.sessionCount}
            done={done}
            endSession={endSession}
            endOthers={endOthers}
          />
          <PasswordForm username={overview.account.username} changePassword={changePassword} />
        </div>
      )}
    </main>
  );
}

function AccountIcon() {
  return (
    <svg className="account-icon" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="12.5" r="4.5" />
      <path d="M7.5 25c1-4.5 4.3-6.5 8.5-6.5s7.5 2 8.5 6.5" />
    </svg>
  );
}
