/** The signed-in account, its app session, a protected response, links to other pages, and further routes. */
import { type Account, useSso } from '@samesite-sso/react';
import { formatCountdown, useSecondsLeft } from '@samesite-sso/ui';
import { SignOutButton } from '../SignOutButton.tsx';
import type { Settings } from '../settings.ts';
import { type MeResult, useMe } from './me.ts';
import { PayslipSection } from './PayslipSection.tsx';
import { ReportsSection } from './ReportsSection.tsx';
import './AccountPanel.css';

const timeFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

export function AccountPanel({ account, settings }: { account: Account; settings: Settings }) {
  const { otherApp, ssoOrigin } = settings;
  const { isPending, signInSilently } = useSso();
  const { result, sessionEndsAtMs } = useMe(account);

  return (
    <section className="card account">
      <p className="account-label">Signed in as</p>
      <h2 className="account-name" translate="no" tabIndex={-1} data-focus-target>
        {account.displayName}
      </h2>
      <SessionExpiry endsAtMs={sessionEndsAtMs} />
      <ProtectedResponse result={result} onTryAgain={() => isPending || void signInSilently()} />
      <div className="account-actions">
        {otherApp && (
          <a className="button button-primary" href={otherApp.origin}>
            <span>
              Open <span translate="no">{otherApp.name}</span>
            </span>
          </a>
        )}
        <SignOutButton />
      </div>
      {otherApp && <p className="account-hint">You don’t need a password there.</p>}
      <a className="account-link" href={`${ssoOrigin}/`}>
        Your sessions and password
      </a>
      {/* Last, so that the keyboard reaches the other app and the sign-out first. */}
      <PayslipSection key={account.id} account={account} ssoOrigin={ssoOrigin} />
      <ReportsSection key={`reports of ${account.id}`} />
    </section>
  );
}

function SessionExpiry({ endsAtMs }: { endsAtMs: number | null }) {
  const secondsLeft = useSecondsLeft(endsAtMs);
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

/** The response of a protected route of the app, or why there is none. */
function ProtectedResponse({ result, onTryAgain }: { result: MeResult | null; onTryAgain: () => void }) {
  return (
    <figure className="protected-response">
      <figcaption>
        Response of the protected route <code translate="no">GET /api/me</code>
      </figcaption>
      {result === null || result.status === 'ok' ? (
        <pre translate="no">{result ? JSON.stringify(result.me, null, 2) : '…'}</pre>
      ) : (
        <div className="protected-response-failed">
          <p role="alert">{result.message}</p>
          <button type="button" className="button" onClick={onTryAgain}>
            Try again
          </button>
        </div>
      )}
    </figure>
  );
}
