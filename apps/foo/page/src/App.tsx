/**
 * The page at a glance: who you are, beside how the page knows. Chooses what the person is shown; the flow
 * itself is walked by `@samesite-sso/react`.
 */

import { type Account, useSso } from '@samesite-sso/react';
import { CookiesBlocked, Header, ReplacedNotice, useKeptFocus } from '@samesite-sso/ui';
import { useRef, useState } from 'react';
import { AccountPanel } from './account/AccountPanel.tsx';
import { Flow } from './flow/Flow.tsx';
import type { Settings } from './settings.ts';
import { SignIn } from './sign-in/SignIn.tsx';
import { TroubleNotice } from './TroubleNotice.tsx';
import './App.css';

export function App({ settings }: { settings: Settings }) {
  const { standing, trouble } = useSso();
  const problem = trouble?.outcome.status;
  const replaced = (standing.status === 'signed in' && standing.replaced) || null;
  const [read, setRead] = useState<Account | null>(null);
  const you = useRef<HTMLDivElement>(null);
  useKeptFocus(you);

  return (
    <main className="page">
      <Header name={settings.name} translate="no">
        Sign in once and every app of this site knows you, without the page ever leaving its app: in five
        steps, which you can watch here as they happen.
      </Header>
      <div className="you" ref={you}>
        {problem === 'cookies blocked' && <CookiesBlocked origins={[location.origin, settings.ssoOrigin]} />}
        {trouble && problem !== 'cookies blocked' && problem !== 'sign-out pending' && (
          <TroubleNotice trouble={trouble} ssoOrigin={settings.ssoOrigin} />
        )}
        {standing.status === 'unknown' && trouble === null && (
          <p className="card placeholder late">Asking this app who you are …</p>
        )}
        {(standing.status === 'confirmation wanted' || standing.status === 'password wanted') &&
          problem !== 'cookies blocked' && (
            <SignIn standing={standing} appName={settings.name} isPending={problem === 'sign-out pending'} />
          )}
        {standing.status === 'signed in' && (
          <ReplacedNotice
            shown={standing.account}
            replaced={replaced === read ? null : replaced}
            onRead={() => setRead(replaced)}
          />
        )}
        {standing.status === 'signed in' && <AccountPanel account={standing.account} settings={settings} />}
      </div>
      <Flow settings={settings} />
    </main>
  );
}
