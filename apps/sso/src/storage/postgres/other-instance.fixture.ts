/** Another instance that is in the middle of a change, for tests of what waits for it. */
import { expect, onTestFinished } from 'vitest';
import { connectTo, runOn } from '../../../../../test/support/postgres.ts';

export type OtherInstance = Awaited<ReturnType<typeof otherInstance>>;

/** @param url its database, in which nothing else may be waiting */
export async function otherInstance(url: string) {
  const client = await connectTo(url, onTestFinished);
  await client.query('BEGIN');
  const countWaiting = async () => {
    const waiting =
      'SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = $1';
    return (await runOn(url, waiting, ['Lock'])).rowCount ?? 0;
  };
  return {
    run: (text: string, values: unknown[] = []) => client.query(text, values),
    /**
     * Starts the work, ends this transaction while the work waits for it, and returns what the work does.
     *
     * @param meanwhile what this transaction does before it ends
     */
    async endDuring<Result>(
      end: 'COMMIT' | 'ROLLBACK',
      work: () => Promise<Result>,
      meanwhile: () => Promise<unknown> = async () => {},
    ): Promise<Result> {
      const working = work();
      await expect.poll(countWaiting, { interval: 5 }).toBeGreaterThan(0);
      await meanwhile();
      await client.query(end);
      return await working;
    },
    /** Waits until this many statements wait for a lock. */
    untilWaiting: (count: number) => expect.poll(countWaiting, { interval: 5 }).toBe(count),
  };
}
