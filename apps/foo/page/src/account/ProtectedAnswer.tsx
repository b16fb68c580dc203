/** What a protected route of the app answers, word for word, or that it did not. */
import type { MeAnswer } from './me.ts';

export function ProtectedAnswer({ answer, onTryAgain }: { answer: MeAnswer | null; onTryAgain: () => void }) {
  return (
    <figure className="protected-answer">
      <figcaption>
        <code translate="no">GET /api/me</code> answers only those who are signed in
      </figcaption>
      {answer === null || answer.status === 'answered' ? (
        <pre translate="no">{answer ? JSON.stringify(answer.me, null, 2) : '…'}</pre>
      ) : (
        <div className="protected-answer-failed">
          <p role="alert">
            {answer.status === 'failed' ? answer.words : 'This app says that nobody is signed in.'}
          </p>
          <button type="button" className="button" onClick={onTryAgain}>
            Try again
          </button>
        </div>
      )}
    </figure>
  );
}
