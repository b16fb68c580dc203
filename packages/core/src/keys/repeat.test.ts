import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { repeat } from './repeat.ts';

const PAUSE_MS = 5000;

function repeated(work: () => Promise<void>) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const failures: unknown[] = [];
  const close = repeat(work, PAUSE_MS, (error) => failures.push((error as Error).message));
  return { failures, close };
}

describe('repeated work', () => {
  it('starts after the first pause and then after each further one', async () => {
    const work = vi.fn(async () => {});
    repeated(work);
    await vi.advanceTimersByTimeAsync(PAUSE_MS - 1);
    expect(work).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2 * PAUSE_MS + 1);
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('never overlaps itself, however long it takes', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const work = vi.fn(() => promise);
    repeated(work);
    await vi.advanceTimersByTimeAsync(10 * PAUSE_MS);
    expect(work).toHaveBeenCalledTimes(1);
    resolve();
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('goes on after failures, and reports a reason once until it changes or the work succeeds', async () => {
    const reasons = ['locked', 'locked', 'gone', null, 'gone', 'gone'];
    const work = vi.fn(async () => {
      const reason = reasons.shift();
      if (typeof reason === 'string') throw new Error(reason);
    });
    const { failures } = repeated(work);
    await vi.advanceTimersByTimeAsync(7 * PAUSE_MS);
    expect(work).toHaveBeenCalledTimes(7);
    expect(failures).toEqual(['locked', 'gone', 'gone']);
  });

  it('no longer runs once it is closed, and closing waits for the work in progress', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const work = vi.fn(() => promise);
    const { close } = repeated(work);
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    let isClosed = false;
    const closing = close().then(() => {
      isClosed = true;
    });
    await vi.advanceTimersByTimeAsync(PAUSE_MS);
    expect(isClosed).toBe(false);
    resolve();
    await closing;
    await vi.advanceTimersByTimeAsync(10 * PAUSE_MS);
    expect(work).toHaveBeenCalledTimes(1);
  });

  it('does not keep the process running', () => {
    const unref = vi.spyOn(Object.getPrototypeOf(setTimeout(() => {}, 0)), 'unref');
    onTestFinished(() => unref.mockRestore());
    const close = repeat(
      async () => {},
      PAUSE_MS,
      () => {},
    );
    expect(unref).toHaveBeenCalledTimes(1);
    return close();
  });
});
