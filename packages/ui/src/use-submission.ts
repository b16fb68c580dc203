/** Submits one form: one request at a time, none before a required wait is over. Keeps the last failure. */
import { useRef, useState } from 'react';
import type { FormFailure } from './FormError.tsx';
import { useSecondsLeft } from './use-seconds-left.ts';

export function useSubmission() {
  const [failure, setFailure] = useState<FormFailure | null>(null);
  const [isPending, setPending] = useState(false);
  const mustWait = useSecondsLeft(failure?.retryAtMs ?? null) > 0;
  // A second submit can come before the state is rendered.
  const isRunning = useRef(false);

  /** @returns why the request failed; null if it succeeded or wasn't sent */
  async function submit(request: () => Promise<FormFailure | null>): Promise<FormFailure | null> {
    if (isRunning.current || mustWait) return null;
    isRunning.current = true;
    setFailure(null);
    setPending(true);
    const result = await request();
    setPending(false);
    isRunning.current = false;
    setFailure(result);
    return result;
  }

  return { failure, isPending, mustWait, submit };
}
