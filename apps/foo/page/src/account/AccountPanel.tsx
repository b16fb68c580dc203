/** The signed-in account, its app session and a protected response, and the links to other pages. */
import { type Account, useSso } from '@samesite-sso/react';
import { formatCountdown } from '@samesite-sso/ui';
import type { Settings } from '../settings.ts';
import { useMe } from './me.ts';
import { ProtectedResponse } from './ProtectedResponse.tsx';
import './AccountPanel.css';

const timeFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

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

function SessionExpiry({ endsAtMs, secondsLeft }: { endsAtMs: number | null; secondsLeft: number }) {
  return (
    <dl className="session-expiry">
      <dt>App session ends</dt>
      <dd>
        {endsAtMs === null ? (
          '…'
        ) : (
          <>
            <time dateTime={new Date(endsAtMs).toISOString()}>{timeFormat.format(endsAtMs)}</time>
            <span className="session-expiry-left">
              in <span role="timer">{formatCountdown(secondsLeft)}</span>
            </span>
          </>
        )}
      </dd>
    </dl>
  );
}
