/** Repeats work in the background of a process. */
import { describeError } from '../problem/http-problem.ts';

/**
 * Repeats work with a pause after each run, so that runs never overlap. It goes on after failures, and
 * doesn't keep the process running.
 *
 * @param onFailure called when a run fails, unless the one before failed for the same reason
 * @returns a function that ends the repetition, once the work in progress has ended
 */
export function repeat(
  work: () => Promise<void>,
  pauseMs: number,
  onFailure: (error: unknown) => void,
): () => Promise<void> {
  let lastReason: string | null = null;
  let isClosed = false;
  let inProgress = Promise.resolve();
  let timer: NodeJS.Timeout;
  const run = async () => {
    try {
      await work();
      lastReason = null;
    } catch (error) {
      const reason = describeError(error);
      if (reason !== lastReason) onFailure(error);
      lastReason = reason;
    }
    schedule();
  };
  const schedule = () => {
    if (isClosed) return;
    timer = setTimeout(() => {
      inProgress = run();
    }, pauseMs).unref();
  };
  schedule();
  return async () => {
    isClosed = true;
    clearTimeout(timer);
    await inProgress;
  };
}
