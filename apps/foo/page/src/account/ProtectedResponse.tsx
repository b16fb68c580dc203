/** The response of a protected route of the app, or why there is none. */
import type { MeResult } from './me.ts';

interface Props {
  result: MeResult | null;
  onTryAgain: () => void;
}

export function ProtectedResponse({ result, onTryAgain }: Props) {
  return (
    <figure className="protected-response">
      <figcaption>
        Response of the protected route <code translate="no">GET /api/me</code>
      </figcaption>
      {result === null || result.status === 'ok' ? (
        <pre translate="no">{result ? JSON.stringify(result.me, null, 2) : '…'}</pre>
      ) : (
        <div className="protected-response-failed">
          <p role="alert">
            {result.status === 'failed' ? result.message : 'This app says that you aren’t signed in.'}
          </p>
          <button type="button" className="button" onClick={onTryAgain}>
            Try again
          </button>
        </div>
      )}
    </figure>
  );
}
