/** Says that a walk or a sign-out failed and what still holds, and offers to try again. */
import { type Standing, type Trouble, useSso } from '@samesite-sso/react';
import { failureWords } from './messages.ts';
import '@samesite-sso/ui/trouble.css';

export function TroubleNotice({ trouble, ssoOrigin }: { trouble: Trouble; ssoOrigin: string }) {
  const { busy, standing, signIn, signOut } = useSso();
  const { flow, outcome } = trouble;
  const tryAgain = flow === 'sign-out' ? signOut : signIn;

  return (
    <section className="trouble">
      <div role="alert">
        <p className="trouble-words">{failureWords(outcome)}</p>
        <p>{busy ? 'Asking again …' : whatHolds(standing.status, trouble)}</p>
      </div>
      {outcome.status === 'SSO service unreachable' && (
        <p className="trouble-origin" translate="no">
          {ssoOrigin}
        </p>
      )}
      <button
        type="button"
        className="button"
        data-landing
        aria-disabled={busy}
        onClick={() => busy || void tryAgain()}
      >
        Try again
      </button>
    </section>
  );
}

function whatHolds(standing: Standing['status'], { flow, outcome }: Trouble): string {
  if (flow === 'sign-out') {
    const unfinished = 'Signing out is not finished: you may still be signed in.';
    return outcome.status === 'app unreachable'
      ? `${unfinished} It will be finished as soon as this app answers.`
      : unfinished;
  }
  if (standing === 'signed in') return 'As far as this page knows, you are still signed in here.';
  return 'Nothing is lost. Try again in a moment.';
}
