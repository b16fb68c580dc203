/** The signed-in account, its app session and a protected response, and the links to other pages. */
import { type Account, useSso } from '@samesite-sso/react';
import type { Settings } from '../settings.ts';
import { ProtectedResponse } from './ProtectedResponse.tsx';
import { SessionExpiry } from './SessionExpiry.tsx';
import { useMe } from './use-me.ts';
import './AccountPanel.css';

interface Props {
  account: Account;
  settings: Settings;
}

export function AccountPanel({ account, settings: { otherApp, ssoOrigin } }: Props) {
  const { isPending, signInSilently, signOut } = useSso();
  const { result, sessionEndsAtMs, secondsLeft } = useMe(account);

  return (
    <section className="card account">
      <p className="account-label">Signed in as</p>
      <h2 className="account-name" translate="no" tabIndex={-1} data-focus-target>
        {account.displayName}
      </h2>
      <SessionExpiry endsAtMs={sessionEndsAtMs} secondsLeft={secondsLeft} />
      <ProtectedResponse result={result} onTryAgain={() => isPending || void signInSilently()} />
      <div className="account-actions">
        {otherApp && (
          <a className="button button-primary" href={otherApp.origin}>
            <span>
              Open <span translate="no">{otherApp.name}</span>
            </span>
          </a>
        )}
        <button
          type="button"
          className="button"
          aria-disabled={isPending}
          onClick={() => isPending || void signOut()}
        >
          Sign out
        </button>
      </div>
      {otherApp && <p className="account-hint">You don’t need a password there.</p>}
      <a className="account-link" href={`${ssoOrigin}/`}>
        Your sessions and password
      </a>
    </section>
  );
}
