/**
 * The page at a glance: who you are, beside how the page knows. Chooses what the person is shown; the flow
 * itself is walked by `@samesite-sso/react`.
 */
import { useSso } from '@samesite-sso/react';
import { useRef } from 'react';
import { AccountPanel } from './account/AccountPanel.tsx';
import { Flow } from './flow/Flow.tsx';
import { Masthead } from './Masthead.tsx';
import type { Settings } from './settings.ts';
import { SignInForm } from './sign-in/SignInForm.tsx';
import { TroubleNotice } from './TroubleNotice.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import './App.css';

export function App({ settings }: { settings: Settings }) {
  const { standing, trouble } = useSso();
  const you = useRef<HTMLDivElement>(null);
  useKeptFocus(you);

  return (
    <main className="page">
      <Masthead name={settings.name} />
      <div className="you" ref={you}>
        {trouble && <TroubleNotice trouble={trouble} ssoOrigin={settings.ssoOrigin} />}
        {standing.status === 'unknown' && trouble === null && (
          <p className="card placeholder late">Asking this app who you are …</p>
        )}
        {standing.status === 'password wanted' && <SignInForm ended={standing.ended} />}
        {standing.status === 'signed in' && (
          <AccountPanel account={standing.account} otherApp={settings.otherApp} />
        )}
      </div>
      <Flow settings={settings} />
    </main>
  );
}
