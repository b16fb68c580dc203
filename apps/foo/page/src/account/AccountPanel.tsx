/** The account that is signed in here: until when, its protected response, and the links onward. */
import { type Account, useSso } from '@samesite-sso/react';
import type { Settings } from '../settings.ts';
import { ProtectedAnswer } from './ProtectedAnswer.tsx';
import { SessionEnd } from './SessionEnd.tsx';
import { useMe } from './use-me.ts';
import './AccountPanel.css';

interface Props {
  account: Account;
  settings: Settings;
}

export function AccountPanel({ account, settings: { otherApp, ssoOrigin } }: Props) {
  const { busy, signIn, signOut } = useSso();
  const { answer, sessionEnds, secondsLeft } = useMe(account);

  return (
    <section className="card account">
      <p className="eyebrow">Signed in as</p>
      <h2 className="account-name" translate="no" tabIndex={-1} data-landing>
        {account.displayName}
      </h2>
      <SessionEnd ends={sessionEnds} secondsLeft={secondsLeft} />
      <ProtectedAnswer answer={answer} onTryAgain={() => busy || void signIn()} />
      <div className="account-ways">
        {otherApp && (
          <a className="button button-primary" href={otherApp.origin}>
            <span>
              Open <span translate="no">{otherApp.name}</span>
            </span>
          </a>
        )}
        <button type="button" className="button" aria-disabled={busy} onClick={() => busy || void signOut()}>
          Sign out
        </button>
      </div>
      {otherApp && <p className="account-hint">No password is needed there.</p>}
      <a className="account-link" href={`${ssoOrigin}/`}>
        Your sessions and password
      </a>
    </section>
  );
}
