import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { testService } from '../test/test-service.ts';

test('what is over is forgotten within a minute, and what lives is not', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { logIn, post, clock, config } = await testService();
  await logIn();
  clock.now += 2 * 60 * 60 * 1000;
  const cookie = await logIn();
  await post({ request: 'authentication token' }, { cookie });
  await post({ request: 'login', username: 'ada', password: 'wrong' });
  const database = new Sqlite(config.database, { readonly: true });
  onTestFinished(() => void database.close());
  const rows = () =>
    ['sso_session', 'authentication_token', 'login_failure'].map((table) =>
      database.prepare(`SELECT count(*) FROM ${table}`).pluck().get(),
    );
  expect(rows()).toEqual([2, 1, 1]);
  vi.advanceTimersByTime(60_000);
  await expect.poll(rows).toEqual([1, 1, 1]);
  clock.now += 15 * 60 * 1000;
  vi.advanceTimersByTime(60_000);
  await expect.poll(rows).toEqual([1, 0, 0]);
});
