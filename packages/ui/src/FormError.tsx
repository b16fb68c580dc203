/** Submits a form, and shows why it failed. */
import { useRef, useState } from 'react';
import { formatCountdown, useSecondsLeft } from './duration.ts';
import './form.css';

export interface FormFailure {
  message: string;
  /** When the person may try again, in milliseconds since the epoch; null for at once. */
  retryAtMs: number | null;
  /** Whether no server responded, so that the form can be sent again unchanged. */
  isUnanswered: boolean;
  /** Set if a code is missing or wrong. The form shows the code's field, with the message if it is wrong. */
  code?: 'required' | 'wrong';
}

/** A failure after which the person may try again at once. */
export function toFormFailure(message: string): FormFailure {
  return { message, retryAtMs: null, isUnanswered: false };
}

/** Sends one request at a time, and none until a required wait is over. Keeps the last failure. */
export function useSubmission() {
  const [failure, setFailure] = useState<FormFailure | null>(null);
  const [isPending, setPending] = useState(false);
  const mustWait = useSecondsLeft(failure?.retryAtMs ?? null) > 0;
  // A second submit can come before the state is rendered.
  const isRunning = useRef(false);

  /**
   * @param isOther whether it is another kind of request, for which the person needn't wait
   * @returns why the request failed; null if it succeeded or wasn't sent
   */
  async function submit(
    request: () => Promise<FormFailure | null>,
    { isOther = false } = {},
  ): Promise<FormFailure | null> {
    if (isRunning.current || (mustWait && !isOther)) return null;
    isRunning.current = true;
    setFailure(null);
    setPending(true);
    const result = await request();
    setPending(false);
    isRunning.current = false;
    setFailure(result);
    return result;
  }

  return {
    failure,
    isPending,
    mustWait,
    submit,
    /** Shows the failure of a request that another part of the page sent. */
    show: setFailure,
  };
}

/** Screen readers announce the message once, and not the countdown beside it. */
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
