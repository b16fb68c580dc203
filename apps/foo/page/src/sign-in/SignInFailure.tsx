/**
 * Why signing in did not work. The sentence is announced once; the countdown beside it runs in silence, and
 * its end is announced again.
 */
import type { Outcome } from '@samesite-sso/browser';
import { formatCountdown } from '../duration.ts';
import { COOKIE_WITHHELD, failureWords } from '../words.ts';

type Failure = Exclude<Outcome, { status: 'signed in' }>;

interface Props {
  id: string;
  failure: Failure | null;
  secondsToWait: number;
}

export function SignInFailure({ id, failure, secondsToWait }: Props) {
  const waited = failure !== null && secondsToWaitAfter(failure) > 0 && secondsToWait === 0;
  const silent = failure?.status === 'SSO service unreachable' || failure?.status === 'app unreachable';

  return (
    <div className="sign-in-failure" data-shown={failure !== null}>
      <p role="alert" id={id}>
        {failure && (waited ? 'You can try again now.' : words(failure))}
      </p>
      {secondsToWait > 0 && (
        <p className="sign-in-wait" role="timer">
          {formatCountdown(secondsToWait)}
        </p>
      )}
      {silent && (
        <button type="submit" className="button">
          Try again
        </button>
      )}
    </div>
  );
}

/** Only who tried too often has to wait; whoever met a busy server may try when they like. */
export function secondsToWaitAfter(failure: Failure): number {
  const throttled = failure.status === 'refused' && failure.code === 'too-many-attempts';
  return throttled ? (failure.retryAfterSeconds ?? 0) : 0;
}

function words(failure: Failure): string {
  return failure.status === 'password wanted' ? COOKIE_WITHHELD : failureWords(failure);
}
