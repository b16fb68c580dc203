/** Shows who is signed in beside the diagram of the five steps. `@samesite-sso/react` runs the flow. */
import { type Account, useSso } from '@samesite-sso/react';
import { AccountChangedNotice, CookiesBlocked, Header, useRestoredFocus } from '@samesite-sso/ui';
import { useRef, useState } from 'react';
import { AccountPanel } from './account/AccountPanel.tsx';
import { Flow } from './flow/Flow.tsx';
import { SsoErrorNotice } from './SsoErrorNotice.tsx';
import type { Settings } from './settings.ts';
import { SignInPanel } from './sign-in/SignInPanel.tsx';
import { StepUpPanel } from './step-up/StepUpPanel.tsx';
import './App.css';

export function App({ settings }: { settings: Settings }) {
  const sso = useSso();
  const { status, account, previousAccount, error } = sso;
  const [dismissed, setDismissed] = useState<Account | null>(null);
  const column = useRef<HTMLDivElement>(null);
  useRestoredFocus(column);
  const areCookiesBlocked = error?.outcome.status === 'cookies-blocked';
  // The note above the form explains a pending sign-out.
  const isSignOutPending = error?.outcome.status === 'sign-out-pending';

  return (
    <main className="page">
      <Header name={settings.name} translate="no">
        Sign in once, and every app of this site knows you, without a redirect. Watch the five steps as they
        happen.
      </Header>
      <div className="account-column" ref={column}>
        {areCookiesBlocked && <CookiesBlocked origins={[location.origin, settings.ssoOrigin]} />}
        {error && !areCookiesBlocked && !isSignOutPending && (
          <SsoErrorNotice error={error} ssoOrigin={settings.ssoOrigin} />
        )}
        {status === 'loading' && (
          <p className="card placeholder delayed">Checking whether you are signed in …</p>
        )}
        {(sso.status === 'confirmation-required' ||
          sso.status === 'not-permitted' ||
          sso.status === 'signed-out') &&
          !areCookiesBlocked && (
            <SignInPanel sso={sso} appName={settings.name} isSignOutPending={isSignOutPending} />
          )}
        {sso.status === 'step-up-required' && !areCookiesBlocked && (
          <StepUpPanel key={sso.account.id} sso={sso} settings={settings} />
        )}
        {status === 'signed-in' && (
          <AccountChangedNotice
            shown={account}
            previous={previousAccount === dismissed ? null : previousAccount}
            onDismiss={() => setDismissed(previousAccount)}
          />
        )}
        {status === 'signed-in' && <AccountPanel account={account} settings={settings} />}
      </div>
      <Flow settings={settings} />
    </main>
  );
}
