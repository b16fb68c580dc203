/**
 * After a server was unavailable, a page checks again on its own, less and less often, until it gets a
 * response.
 */
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Outcome } from './index.ts';
import {
  type FakeResponses,
  noResponse,
  noSession,
  openPage,
  refusal,
  session,
  signedIn,
  signedOut,
} from './page.fixture.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const unreachable = { status: 'sso-unreachable' };

// The test moves the clock, and nothing is added to the waits at random.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(Math, 'random').mockReturnValue(0);
});

async function watched(responses: FakeResponses) {
  onTestFinished(() => void vi.useRealTimers());
  const page = await openPage(responses);
  const outcomes: Outcome[] = [];
  const stop = page.sso.watch((outcome) => outcomes.push(outcome));
  onTestFinished(stop);
  const expectOutcomes = (expected: readonly object[]) => expect.poll(() => outcomes).toEqual(expected);
  return { ...page, stop, outcomes, expectOutcomes };
}

describe('a page whose server was unavailable', () => {
  it('checks again after 5 s, then after 10 s, and stops once there is a response', async () => {
    const { sso, expectOutcomes, outcomes, sent } = await watched({
      'login status': [noResponse, noResponse, session],
    });
    expect(await sso.signInSilently()).toEqual(unreachable);
    vi.advanceTimersByTime(5 * SECOND_MS - 1);
    expect(sent).toEqual(['GET', 'login status']);
    vi.advanceTimersByTime(1);
    await expectOutcomes([unreachable]);
    vi.advanceTimersByTime(10 * SECOND_MS - 1);
    expect(sent).toHaveLength(4);
    vi.advanceTimersByTime(1);
    await expectOutcomes([unreachable, signedIn]);
    const before = sent.length;
    vi.advanceTimersByTime(60 * MINUTE_MS);
    await sso.signInSilently();
    expect(sent).toHaveLength(before + 4); // The requests of this flow.
    expect(outcomes).toHaveLength(2);
  });

  it('also checks again while the SSO service hasn’t been notified of a sign-out', async () => {
    const { sso, expectOutcomes } = await watched({
      logout: [noResponse],
      'login status': [noResponse, session, noSession],
      POST: [refusal(401, 'invalid-token')],
    });
    expect(await sso.signOut()).toEqual({ status: 'sign-out-pending' });
    vi.advanceTimersByTime(5 * SECOND_MS);
    await expectOutcomes([unreachable]);
    vi.advanceTimersByTime(10 * SECOND_MS);
    const refused = { status: 'refused', step: 4, code: 'invalid-token' };
    await expectOutcomes([unreachable, refused]);
    vi.advanceTimersByTime(20 * SECOND_MS);
    await expectOutcomes([unreachable, refused, signedOut]);
  });

  it('slows down to one check per minute, and starts over after a response', async () => {
    const { sso, outcomes, sent } = await watched({
      GET: [...Array(8).fill(noResponse), session, noResponse],
    });
    await sso.signInSilently();
    for (const seconds of [5, 10, 20, 40, 60, 60, 60]) {
      const before = outcomes.length;
      vi.advanceTimersByTime(seconds * SECOND_MS - 1);
      expect(sent).toHaveLength(before + 2); // Steps 1 and 2 at first, then step 1 alone.
      vi.advanceTimersByTime(1);
      await expect.poll(() => outcomes).toHaveLength(before + 1);
    }
    expect(await sso.signInSilently()).toEqual(signedIn);
    expect(await sso.signInSilently()).toEqual({ status: 'app-unreachable' });
    vi.advanceTimersByTime(5 * SECOND_MS);
    await expect.poll(() => outcomes).toHaveLength(8);
  });

  it('waits up to twice as long at random, so that pages don’t all ask at once', async () => {
    const { sso, expectOutcomes, sent } = await watched({ 'login status': [noResponse, session] });
    vi.mocked(Math.random).mockReturnValue(0.5);
    await sso.signInSilently();
    vi.advanceTimersByTime(7.5 * SECOND_MS - 1);
    expect(sent).toHaveLength(2);
    vi.advanceTimersByTime(1);
    await expectOutcomes([signedIn]);
  });

  it('checks at once when the browser is back online', async () => {
    const { sso, goOnline, expectOutcomes } = await watched({ GET: [noResponse, session] });
    expect(await sso.signInSilently()).toEqual({ status: 'app-unreachable' });
    goOnline();
    await expectOutcomes([signedIn]);
  });

  it('doesn’t check while the tab is hidden, and checks at once when it is visible again', async () => {
    const { sso, setVisibility, goOnline, expectOutcomes, sent } = await watched({
      GET: [noResponse, session],
    });
    await sso.signInSilently();
    setVisibility('hidden');
    vi.advanceTimersByTime(60 * MINUTE_MS);
    goOnline();
    expect(sent).toEqual(['GET', 'login status']);
    setVisibility('visible');
    await expectOutcomes([signedIn]);
  });

  it('doesn’t check once the watch is stopped', async () => {
    const { sso, stop, goOnline, sent, outcomes } = await watched({ GET: [noResponse, session] });
    await sso.signInSilently();
    stop();
    vi.advanceTimersByTime(60 * MINUTE_MS);
    goOnline();
    await sso.signInSilently();
    expect(sent).toEqual(['GET', 'login status', 'GET', 'login status']);
    expect(outcomes).toEqual([]);
  });
});

it('a page whose sign-out is pending checks after 5 s whether it is complete', async () => {
  const { sso, expectOutcomes } = await watched({ logout: [noResponse], 'login status': [noSession] });
  expect(await sso.signOut()).toEqual({ status: 'sign-out-pending' });
  vi.advanceTimersByTime(5 * SECOND_MS);
  await expectOutcomes([signedOut]);
});

it.each([
  ['checks again by itself if the SSO service can’t access its data', refusal(503, 'unavailable'), 1],
  ['checks again by itself if the SSO service has failed', refusal(500, 'internal-error'), 1],
  ['doesn’t check again if the SSO service doesn’t know the app', refusal(403, 'origin-not-allowed'), 0],
])('a page %s', async (_reaction, refused, times) => {
  const { sso, outcomes } = await watched({ 'login status': [refused, session] });
  await sso.signInSilently();
  vi.advanceTimersByTime(5 * SECOND_MS);
  await sso.signInSilently();
  expect(outcomes).toHaveLength(times);
});
