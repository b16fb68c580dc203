/** Why a form failed. Screen readers announce the message once, and not the countdown beside it. */
import { formatCountdown } from './duration.ts';
import { useSecondsLeft } from './use-seconds-left.ts';
import './form.css';

export interface FormFailure {
  message: string;
  /** When the person may try again, in milliseconds since the epoch; null for at once. */
  retryAtMs: number | null;
  /** Whether no server responded, so that the form can be sent again unchanged. */
  isUnanswered: boolean;
}

export function FormError({ id, failure }: { id: string; failure: FormFailure | null }) {
  const retryAtMs = failure?.retryAtMs ?? null;
  const secondsLeft = useSecondsLeft(retryAtMs);
  const hasWaited = retryAtMs !== null && secondsLeft === 0;

  return (
    <div className="form-error" data-shown={failure !== null}>
      <p role="alert" id={id}>
        {hasWaited ? 'You can try again now.' : failure?.message}
      </p>
      {secondsLeft > 0 && (
        <p className="form-error-wait" role="timer">
          {formatCountdown(secondsLeft)}
        </p>
      )}
      {failure?.isUnanswered && (
        <button type="submit" className="button">
          Try again
        </button>
      )}
    </div>
  );
}
