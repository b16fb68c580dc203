/** A visible page renews the app session shortly before it ends, so that no request gets 401. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Outcome, SsoOptions } from './index.ts';
import {
  ADA,
  type FakeResponses,
  GRACE,
  noResponse,
  noSession,
  openPage,
  refusal,
  session,
  sessionOf,
  signedIn,
  signedOut,
} from './page.fixture.ts';

const SECOND_MS = 1000;
const renewal = ['GET', 'login status', 'authentication token', 'POST'];

/** A session that ends in so many seconds. */
const lasting = (seconds: number | string) => sessionOf(ADA, seconds);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
});

/** A page after its first flow, whose requests don't count. */
async function opened(responses: FakeResponses, options: Partial<SsoOptions> = {}) {
  const page = await openPage(responses, options);
  const outcomes: Outcome[] = [];
  const stop = page.sso.watch((outcome) => outcomes.push(outcome));
  onTestFinished(stop);
  await page.sso.signInSilently();
  page.sent.length = 0;
  const expectOutcomes = (...expected: object[]) => expect.poll(() => outcomes).toEqual(expected);
  // Another tab's requests come after those that this page has started.
  const expectNoRequest = async (ofOtherTab = ['GET']) => {
    await page.otherTab.signInSilently();
    expect(page.sent).toEqual(ofOtherTab);
    page.sent.length = 0;
  };
  return { ...page, outcomes, stop, expectOutcomes, expectNoRequest };
}

describe('a visible page', () => {
  it.each([
    [1800, 1795],
    [100, 95],
    [30, 27],
    [15, 13.5],
  ])('renews an app session of %d s after %d s, and again before the new one ends', async (total, due) => {
    const { sent, expectOutcomes, expectNoRequest } = await opened({
      GET: [lasting(total), lasting(100), lasting(total - due)],
      POST: [lasting(total)],
    });
    vi.advanceTimersByTime(due * SECOND_MS - 100);
    await expectNoRequest();
    vi.advanceTimersByTime(100);
    await expectOutcomes(signedIn);
    expect(sent).toEqual(renewal);
    vi.advanceTimersByTime(due * SECOND_MS);
    await expectOutcomes(signedIn, signedIn);
    expect(sent).toEqual([...renewal, ...renewal]);
  });

  it('renews an app session that step 4 started', async () => {
    const { expectOutcomes } = await opened({ GET: [noSession, lasting(5)], POST: [lasting(100)] });
    vi.advanceTimersByTime(95 * SECOND_MS);
    await expectOutcomes(signedIn);
  });

  it('renews an app session that started before the watch', async () => {
    const { sso, expectOutcomes, stop, outcomes } = await opened({ GET: [lasting(100), lasting(5)] });
    stop();
    onTestFinished(sso.watch((outcome) => outcomes.push(outcome)));
    vi.advanceTimersByTime(95 * SECOND_MS);
    await expectOutcomes(signedIn);
  });

  it('renews nothing if another tab has done so already', async () => {
    const { sent, expectOutcomes } = await opened({ GET: [lasting(100), lasting(98)] });
    vi.advanceTimersByTime(95 * SECOND_MS);
    await expectOutcomes(signedIn);
    expect(sent).toEqual(['GET', 'login status']);
  });

  it('renews late if the machine slept at the time', async () => {
    const { expectOutcomes } = await opened({ GET: [lasting(1800), noSession] });
    vi.setSystemTime(Date.now() + 3600 * SECOND_MS);
    vi.advanceTimersByTime(61 * SECOND_MS);
    await expectOutcomes(signedIn);
  });

  it.each(['', 'soon', undefined])('sets no timer if Session-Max-Age is %j', async (value) => {
    const { expectNoRequest } = await opened({
      GET: [value === undefined ? { ...session, headers: {} } : lasting(value)],
    });
    vi.advanceTimersByTime(24 * 3600 * SECOND_MS);
    await expectNoRequest(['GET', 'login status']);
  });

  it('renews a session that lasts longer than a timer can', async () => {
    const days = 40 * 24 * 3600;
    const { expectOutcomes, expectNoRequest } = await opened({
      GET: [lasting(days), lasting(days), lasting(5)],
    });
    vi.advanceTimersByTime((days - 6) * SECOND_MS);
    await expectNoRequest();
    vi.advanceTimersByTime(SECOND_MS);
    await expectOutcomes(signedIn);
  });

  it('renews at most once a second, even if the app says each session ends at once [T-PAGE-05]', async () => {
    const { sent, expectOutcomes, expectNoRequest } = await opened({
      GET: [lasting(0)],
      POST: [lasting(0)],
    });
    vi.advanceTimersByTime(999);
    await expectNoRequest(['GET', 'login status']);
    vi.advanceTimersByTime(1);
    await expectOutcomes(signedIn);
    expect(sent).toEqual(renewal);
  });

  it('stays signed in while the SSO service is down, and retries before the session ends', async () => {
    const { sent, expectOutcomes } = await opened({
      GET: [lasting(100), lasting(5)],
      'login status': [noResponse, session],
      POST: [lasting(100)],
    });
    vi.advanceTimersByTime(95 * SECOND_MS);
    await expectOutcomes(signedIn);
    expect(sent).toEqual(['GET', 'login status']);
    vi.advanceTimersByTime(4.5 * SECOND_MS);
    await expectOutcomes(signedIn, signedIn);
    expect(sent.slice(2)).toEqual(renewal);
  });

  it('renews nothing once the watch is stopped', async () => {
    const { stop, expectNoRequest } = await opened({ GET: [lasting(100)] });
    stop();
    vi.advanceTimersByTime(3600 * SECOND_MS);
    await expectNoRequest(['GET', 'login status']);
  });

  it('renews nothing after a sign-out', async () => {
    const { sso, sent, expectNoRequest } = await opened({ GET: [lasting(100)] });
    await sso.signOut();
    sent.length = 0;
    vi.advanceTimersByTime(3600 * SECOND_MS);
    await expectNoRequest(['GET', 'login status']);
  });

  it('ends its app session if the SSO session has ended', async () => {
    const { sent, expectOutcomes } = await opened({
      GET: [lasting(100), lasting(5)],
      'login status': [noSession],
    });
    vi.advanceTimersByTime(95 * SECOND_MS);
    await expectOutcomes(signedOut);
    expect(sent).toEqual(['GET', 'login status', 'DELETE']);
  });
});

it('a hidden page lets its app session expire, and renews it when visible again [T-PAGE-05]', async () => {
  const { setVisibility, sent, expectOutcomes, expectNoRequest } = await opened({
    GET: [lasting(100), lasting(100), noSession],
  });
  setVisibility('hidden');
  vi.advanceTimersByTime(3600 * SECOND_MS);
  await expectNoRequest(['GET', 'login status']);
  setVisibility('visible');
  await expectOutcomes(signedIn);
  expect(sent).toEqual(renewal);
});

describe('in mode "confirm", a page', () => {
  const mode = 'confirm';

  it('renews the session of the account that it shows', async () => {
    const { sent, expectOutcomes } = await opened({ GET: [lasting(100), lasting(5)] }, { mode });
    vi.advanceTimersByTime(95 * SECOND_MS);
    await expectOutcomes(signedIn);
    expect(sent).toEqual(renewal);
  });

  it('renews that session also if it has expired while the page was hidden', async () => {
    const { setVisibility, expectOutcomes } = await opened({ GET: [lasting(100), noSession] }, { mode });
    setVisibility('visible');
    await expectOutcomes(signedIn);
  });

  it.each([
    ['before the app session ends', lasting(5), ['GET', 'login status', 'DELETE']],
    ['after the app session has ended', noSession, ['GET', 'login status']],
  ])('requires a confirmation of another account, %s [T-PAGE-06]', async (_when, second, requests) => {
    const { sent, expectOutcomes } = await opened(
      { GET: [lasting(100), second], 'login status': [sessionOf(GRACE)] },
      { mode },
    );
    vi.advanceTimersByTime(95 * SECOND_MS);
    await expectOutcomes({ status: 'confirmation-required', account: GRACE });
    expect(sent).toEqual(requests);
  });

  it('requires a confirmation of the same account after a sign-out [T-PAGE-06]', async () => {
    const { sso, setVisibility, expectOutcomes } = await opened({ GET: [lasting(100), noSession] }, { mode });
    await sso.signOut();
    setVisibility('visible');
    await expectOutcomes({ status: 'confirmation-required', account: ADA });
  });

  it('reports that the app refuses the renewal, and doesn’t repeat it forever', async () => {
    const { sent, expectOutcomes } = await opened(
      { GET: [lasting(100), noSession], POST: [refusal(401, 'invalid-token')] },
      { mode },
    );
    vi.advanceTimersByTime(95 * SECOND_MS);
    await expectOutcomes({ status: 'refused', step: 4, code: 'invalid-token' });
    expect(sent).toEqual([...renewal, 'authentication token', 'POST']);
  });
});
