/** When this app's session ends, as a time and as a countdown. The package renews the session. */
import { formatCountdown } from '@samesite-sso/ui';

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

export function SessionEnd({ ends, secondsLeft }: { ends: number | null; secondsLeft: number }) {
  return (
    <dl className="session-end">
      <dt>App session ends</dt>
      <dd>
        {ends === null ? (
          '…'
        ) : (
          <>
            <time dateTime={new Date(ends).toISOString()}>{clock.format(ends)}</time>
            <span className="session-end-left">
              in <span role="timer">{formatCountdown(secondsLeft)}</span>
            </span>
          </>
        )}
      </dd>
    </dl>
  );
}
