/** Says that signing in or out failed and what is still true, and offers to try again. */
import { type SsoFailure, type SsoState, useSso } from '@samesite-sso/react';
import { messageFor } from './messages.ts';
import '@samesite-sso/ui/alert.css';

export function SsoErrorNotice({ error, ssoOrigin }: { error: SsoFailure; ssoOrigin: string }) {
  const { isPending, status, signInSilently, signOut } = useSso();
  const tryAgain = error.during === 'sign-out' ? signOut : signInSilently;

  return (
    <section className="alert">
      <div role="alert">
        <p className="alert-title">{messageFor(error.outcome)}</p>
        <p>{isPending ? 'Trying again …' : consequenceOf(error, status)}</p>
      </div>
      {error.outcome.status === 'sso-unreachable' && (
        <p className="alert-origin" translate="no">
          {ssoOrigin}
        </p>
      )}
      <button
        type="button"
        className="button"
        data-focus-target
        aria-disabled={isPending}
        onClick={() => isPending || void tryAgain()}
      >
        Try again
      </button>
    </section>
  );
}

function consequenceOf({ during, outcome }: SsoFailure, status: SsoState['status']): string {
  if (during === 'sign-out') {
    const incomplete = 'The sign-out isn’t complete: you may still be signed in.';
    return outcome.status === 'app-unreachable'
      ? `${incomplete} It completes as soon as this app responds.`
      : incomplete;
  }
  return status === 'signed-in' ? 'You are probably still signed in here.' : 'Try again in a moment.';
}
