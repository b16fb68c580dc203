/** One form's sending: never twice at once, and not before a wait is over. What failed last is kept until then. */
import { useRef, useState } from 'react';
import type { Failure } from './FormFailure.tsx';
import { useSecondsLeft } from './use-seconds-left.ts';

export function useSending() {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isSending, setSending] = useState(false);
  const hasToWait = useSecondsLeft(failure?.waitUntil ?? null) > 0;
  // State is a render behind: a second submit can come before it.
  const isUnderWay = useRef(false);

  /** @returns what `request` came to; null, too, when it was not sent at all */
  async function send(request: () => Promise<Failure | null>): Promise<Failure | null> {
    if (isUnderWay.current || hasToWait) return null;
    isUnderWay.current = true;
    setFailure(null);
    setSending(true);
    const failed = await request();
    setSending(false);
    isUnderWay.current = false;
    setFailure(failed);
    return failed;
  }

  return { failure, isSending, hasToWait, send };
}
