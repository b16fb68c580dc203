/** When the app session ends. `@samesite-sso/browser` renews it before. */
import { formatCountdown } from '@samesite-sso/ui';

const timeFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

export function SessionExpiry({ endsAtMs, secondsLeft }: { endsAtMs: number | null; secondsLeft: number }) {
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
