/** The account page at a glance: who is signed in, where, and the password. Chooses what the person is shown. */

import type { Account } from '@samesite-sso/protocol';
import { CookiesBlocked, Header, ReplacedNotice, SignInForm, useKeptFocus } from '@samesite-sso/ui';
import { useRef, useState } from 'react';
import { PasswordForm } from './password/PasswordForm.tsx';
import { Sessions } from './sessions/Sessions.tsx';
import { TroubleNotice } from './TroubleNotice.tsx';
import { useAccount } from './use-account.ts';
import { WhoCard } from './WhoCard.tsx';
import './App.css';

const ENDED_WORDS = {
  here: 'You are signed out here. The apps that you used are being told.',
  elsewhere: 'Your SSO session has ended. Sign in again to go on.',
};

export function App() {
  const { overview, cookiesBlocked, replaced, ended, trouble, done, ...actions } = useAccount();
  const [read, setRead] = useState<Account | null>(null);
  const { logIn, signOut, endSession, endOthers, changePassword } = actions;
  const page = useRef<HTMLElement>(null);
  useKeptFocus(page);

  return (
    <main className="page" ref={page}>
      <Header name="Your account" mark={<AccountMark />}>
        Your account is the same for every app of this site. Here you see where you are signed in, and can
        change that.
      </Header>
      {trouble && <TroubleNotice {...trouble} />}
      {cookiesBlocked && <CookiesBlocked origins={[location.origin]} />}
      {overview === null && trouble === null && !cookiesBlocked && (
        <p className="card placeholder late">Asking the SSO service who you are …</p>
      )}
      {overview?.status === 'signed out' && <SignInForm note={ended && ENDED_WORDS[ended]} logIn={logIn} />}
      {overview?.status === 'signed in' && (
        <ReplacedNotice
          shown={overview.account}
          replaced={replaced === read ? null : replaced}
          onRead={() => setRead(replaced)}
        />
      )}
      {overview?.status === 'signed in' && (
        <div className="account" key={overview.account.id}>
          <WhoCard account={overview.account} signOut={signOut} />
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

function AccountMark() {
  return (
    <svg className="account-mark" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="12.5" r="4.5" />
      <path d="M7.5 25c1-4.5 4.3-6.5 8.5-6.5s7.5 2 8.5 6.5" />
    </svg>
  );
}
