/** Why what a form sent came to nothing: announced once, while the countdown beside it runs in silence. */
import { formatCountdown } from './duration.ts';
import { useSecondsLeft } from './use-seconds-left.ts';
import './form.css';

export interface Failure {
  words: string;
  /** When sending it again is worth a try, in milliseconds since the epoch; null for at once. */
  waitUntil: number | null;
  /** Nobody answered, so that it can be sent again as it is. */
  isSilence: boolean;
}

export function FormFailure({ id, failure }: { id: string; failure: Failure | null }) {
  const waitUntil = failure?.waitUntil ?? null;
  const secondsToWait = useSecondsLeft(waitUntil);
  const hasWaited = waitUntil !== null && secondsToWait === 0;

  return (
    <div className="form-failure" data-shown={failure !== null}>
      <p role="alert" id={id}>
        {hasWaited ? 'You can try again now.' : failure?.words}
      </p>
      {secondsToWait > 0 && (
        <p className="form-failure-wait" role="timer">
          {formatCountdown(secondsToWait)}
        </p>
      )}
      {failure?.isSilence && (
        <button type="submit" className="button">
          Try again
        </button>
      )}
    </div>
  );
}
