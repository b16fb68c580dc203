/** A page in sight renews the app session shortly before it ends, so that no request gets 401. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Outcome, SsoOptions } from './index.ts';
import { ACCOUNT, type Answer, openPage, refusal } from './page.fixture.ts';

const SECOND = 1000;
const GRACE = { id: 'g1', username: 'grace', displayName: 'Grace Hopper' };
const signedIn = { status: 'signed in', account: ACCOUNT };
const nobody: Answer = { json: { status: 'signed out' } };
const silence: Answer = { hangUp: true };
const renewal = ['GET', 'login status', 'authentication token', 'POST'];

/** A session that ends in so many seconds. */
const lasting = (seconds: number | string, account = ACCOUNT): Answer => ({
  headers: { 'Session-Max-Age': String(seconds) },
  json: { status: 'signed in', account },
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
});

/** A page that has found the first of the app's answers to step 1, and forgets what it asked for that. */
async function opened(answers: Parameters<typeof openPage>[0], options: Partial<SsoOptions> = {}) {
  const page = await openPage(answers, options);
  const outcomes: Outcome[] = [];
  const stop = page.sso.watch((outcome) => outcomes.push(outcome));
  onTestFinished(stop);
  await page.sso.signIn();
  page.asked.length = 0;
  const heard = (...expected: object[]) => expect.poll(() => outcomes).toEqual(expected);
  // Another tab's request comes after those that this one has begun.
  const isQuiet = async () => {
    await page.otherTab.signIn();
    expect(page.asked).toEqual(['GET']);
    page.asked.length = 0;
  };
  return { ...page, outcomes, stop, heard, isQuiet };
}

describe('a page in sight', () => {
  it.each([
    [1800, 1795],
    [100, 95],
    [30, 27],
    [15, 13.5],
  ])('renews an app session of %d s after %d s, and again when the new one ends', async (total, due) => {
    const { asked, heard, isQuiet } = await opened({
      GET: [lasting(total), lasting(100), lasting(total - due)],
      POST: [lasting(total)],
    });
    vi.advanceTimersByTime(due * SECOND - 100);
    await isQuiet();
    vi.advanceTimersByTime(100);
    await heard(signedIn);
    expect(asked).toEqual(renewal);
    vi.advanceTimersByTime(due * SECOND);
    await heard(signedIn, signedIn);
    expect(asked).toEqual([...renewal, ...renewal]);
  });

  it('renews one that it was told of by step 4', async () => {
    const { heard } = await opened({ GET: [nobody, lasting(5)], POST: [lasting(100)] });
    vi.advanceTimersByTime(95 * SECOND);
    await heard(signedIn);
  });

  it('renews one that began before it was watched', async () => {
    const { sso, heard, stop, outcomes } = await opened({ GET: [lasting(100), lasting(5)] });
    stop();
    onTestFinished(sso.watch((outcome) => outcomes.push(outcome)));
    vi.advanceTimersByTime(95 * SECOND);
    await heard(signedIn);
  });

  it('leaves it at asking where another tab has renewed it already', async () => {
    const { asked, heard } = await opened({ GET: [lasting(100), lasting(98)] });
    vi.advanceTimersByTime(95 * SECOND);
    await heard(signedIn);
    expect(asked).toEqual(['GET', 'login status']);
  });

  it('renews late rather than never, as after the machine has slept', async () => {
    const { heard } = await opened({ GET: [lasting(1800), nobody] });
    vi.setSystemTime(Date.now() + 3600 * SECOND);
    vi.advanceTimersByTime(61 * SECOND);
    await heard(signedIn);
  });

  it.each(['', 'soon', undefined])('sets no timer by a header that says %j', async (value) => {
    const { isQuiet } = await opened({
      GET: [value === undefined ? { json: signedIn } : lasting(value)],
    });
    vi.advanceTimersByTime(24 * 3600 * SECOND);
    await isQuiet();
  });

  it('waits for an end that is further off than a timer can be', async () => {
    const days = 40 * 24 * 3600;
    const { heard, isQuiet } = await opened({ GET: [lasting(days), lasting(days), lasting(5)] });
    vi.advanceTimersByTime((days - 6) * SECOND);
    await isQuiet();
    vi.advanceTimersByTime(SECOND);
    await heard(signedIn);
  });

  it('asks no more than once a second, even of an app that says that each session ends at once', async () => {
    const { asked, heard, isQuiet } = await opened({ GET: [lasting(0)], POST: [lasting(0)] });
    vi.advanceTimersByTime(999);
    await isQuiet();
    vi.advanceTimersByTime(1);
    await heard(signedIn);
    expect(asked).toEqual(renewal);
  });

  it('stays signed in while the SSO service is silent, and tries again before the end', async () => {
    const { asked, heard } = await opened({
      GET: [lasting(100), lasting(5)],
      'login status': [silence, { json: signedIn }],
      POST: [lasting(100)],
    });
    vi.advanceTimersByTime(95 * SECOND);
    await heard(signedIn);
    expect(asked).toEqual(['GET', 'login status']);
    vi.advanceTimersByTime(4.5 * SECOND);
    await heard(signedIn, signedIn);
    expect(asked.slice(2)).toEqual(renewal);
  });

  it('asks nothing any more once it is told to stop', async () => {
    const { stop, isQuiet } = await opened({ GET: [lasting(100)] });
    stop();
    vi.advanceTimersByTime(3600 * SECOND);
    await isQuiet();
  });

  it('renews nothing once the person has signed out', async () => {
    const { sso, asked, isQuiet } = await opened({ GET: [lasting(100)] });
    await sso.signOut();
    asked.length = 0;
    vi.advanceTimersByTime(3600 * SECOND);
    await isQuiet();
  });

  it('follows where the SSO session has ended', async () => {
    const { asked, heard } = await opened({ GET: [lasting(100), lasting(5)], 'login status': [nobody] });
    vi.advanceTimersByTime(95 * SECOND);
    await heard({ status: 'password wanted' });
    expect(asked).toEqual(['GET', 'login status', 'DELETE']);
  });
});

it('a page that nobody looks at lets its app session end, and renews it when somebody does', async () => {
  const { turn, asked, heard, isQuiet } = await opened({ GET: [lasting(100), lasting(100), nobody] });
  turn('hidden');
  vi.advanceTimersByTime(3600 * SECOND);
  await isQuiet();
  turn('visible');
  await heard(signedIn);
  expect(asked).toEqual(renewal);
});

describe('in mode "confirm", a page', () => {
  const mode = 'confirm';

  it('renews the session of the one whom it shows', async () => {
    const { asked, heard } = await opened({ GET: [lasting(100), lasting(5)] }, { mode });
    vi.advanceTimersByTime(95 * SECOND);
    await heard(signedIn);
    expect(asked).toEqual(renewal);
  });

  it('renews it too when it has ended unseen', async () => {
    const { turn, heard } = await opened({ GET: [lasting(100), nobody] }, { mode });
    turn('visible');
    await heard(signedIn);
  });

  it.each([
    ['before it ends', lasting(5), ['GET', 'login status', 'DELETE']],
    ['once it has ended', nobody, ['GET', 'login status']],
  ])('asks somebody else first, %s', async (_when, second, requests) => {
    const grace = { json: { status: 'signed in', account: GRACE } };
    const { asked, heard } = await opened({ GET: [lasting(100), second], 'login status': [grace] }, { mode });
    vi.advanceTimersByTime(95 * SECOND);
    await heard({ status: 'confirmation wanted', account: GRACE });
    expect(asked).toEqual(requests);
  });

  it('asks the same person again after they signed out', async () => {
    const { sso, turn, heard } = await opened({ GET: [lasting(100), nobody] }, { mode });
    await sso.signOut();
    turn('visible');
    await heard({ status: 'confirmation wanted', account: ACCOUNT });
  });

  it('asks where the app refuses to renew, rather than go on for ever', async () => {
    const { asked, heard } = await opened(
      { GET: [lasting(100), nobody], POST: [refusal(401, 'invalid-token')] },
      { mode },
    );
    vi.advanceTimersByTime(95 * SECOND);
    await heard({ status: 'refused', step: 4, code: 'invalid-token' });
    expect(asked).toEqual([...renewal, 'authentication token', 'POST']);
  });
});
