/** What a page does where nobody answered it: it asks again by itself, gently, until somebody does. */
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Outcome } from './index.ts';
import { ACCOUNT, type Answer, openPage, refusal } from './page.fixture.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const silence: Answer = { hangUp: true };
const answered: Answer = { json: { status: 'signed in', account: ACCOUNT } };
const signedIn = { status: 'signed in', account: ACCOUNT };
const unreachable = { status: 'SSO service unreachable' };

// The wait is the clock's to pass, and so is its length.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(Math, 'random').mockReturnValue(0);
});

async function watched(answers: Parameters<typeof openPage>[0]) {
  onTestFinished(() => void vi.useRealTimers());
  const page = await openPage(answers);
  const outcomes: Outcome[] = [];
  const stop = page.sso.watch((outcome) => outcomes.push(outcome));
  onTestFinished(stop);
  const heard = (expected: readonly object[]) => expect.poll(() => outcomes).toEqual(expected);
  return { ...page, stop, outcomes, heard };
}

describe('a page that nobody answered', () => {
  it('asks again after five seconds, then ten, and no more once it is answered', async () => {
    const { sso, heard, outcomes, asked } = await watched({ 'login status': [silence, silence, answered] });
    expect(await sso.signIn()).toEqual(unreachable);
    vi.advanceTimersByTime(5 * SECOND - 1);
    expect(asked).toEqual(['GET', 'login status']);
    vi.advanceTimersByTime(1);
    await heard([unreachable]);
    vi.advanceTimersByTime(10 * SECOND - 1);
    expect(asked).toHaveLength(4);
    vi.advanceTimersByTime(1);
    await heard([unreachable, signedIn]);
    const before = asked.length;
    vi.advanceTimersByTime(60 * MINUTE);
    await sso.signIn();
    expect(asked).toHaveLength(before + 4); // Those of this walk.
    expect(outcomes).toHaveLength(2);
  });

  it('asks again, too, where the SSO service has yet to hear of a sign-out', async () => {
    const { sso, heard } = await watched({
      logout: [silence],
      'login status': [silence, answered, { json: { status: 'signed out' } }],
      POST: [refusal(401, 'invalid-token')],
    });
    expect(await sso.signOut()).toEqual({ status: 'sign-out pending' });
    vi.advanceTimersByTime(5 * SECOND);
    await heard([unreachable]);
    vi.advanceTimersByTime(10 * SECOND);
    const refused = { status: 'refused', step: 4, code: 'invalid-token' };
    await heard([unreachable, refused]);
    vi.advanceTimersByTime(20 * SECOND);
    await heard([unreachable, refused, { status: 'password wanted' }]);
  });

  it('asks once a minute in the end, and begins anew when it was answered in between', async () => {
    const { sso, outcomes, asked } = await watched({ GET: [...Array(8).fill(silence), answered, silence] });
    await sso.signIn();
    for (const seconds of [5, 10, 20, 40, 60, 60, 60]) {
      const before = outcomes.length;
      vi.advanceTimersByTime(seconds * SECOND - 1);
      expect(asked).toHaveLength(before + 1);
      vi.advanceTimersByTime(1);
      await expect.poll(() => outcomes).toHaveLength(before + 1);
    }
    expect(await sso.signIn()).toEqual(signedIn);
    expect(await sso.signIn()).toEqual({ status: 'app unreachable' });
    vi.advanceTimersByTime(5 * SECOND);
    await expect.poll(() => outcomes).toHaveLength(8);
  });

  it('waits for up to twice as long, so that pages do not come all at once', async () => {
    const { sso, heard, asked } = await watched({ 'login status': [silence, answered] });
    vi.mocked(Math.random).mockReturnValue(0.5);
    await sso.signIn();
    vi.advanceTimersByTime(7.5 * SECOND - 1);
    expect(asked).toHaveLength(2);
    vi.advanceTimersByTime(1);
    await heard([signedIn]);
  });

  it('asks at once when the network is back', async () => {
    const { sso, connect, heard } = await watched({ GET: [silence, answered] });
    expect(await sso.signIn()).toEqual({ status: 'app unreachable' });
    connect();
    await heard([signedIn]);
  });

  it('asks nothing while nobody looks at it, and at once when somebody does', async () => {
    const { sso, turn, connect, heard, asked } = await watched({ GET: [silence, answered] });
    await sso.signIn();
    turn('hidden');
    vi.advanceTimersByTime(60 * MINUTE);
    connect();
    expect(asked).toEqual(['GET']);
    turn('visible');
    await heard([signedIn]);
  });

  it('asks nothing any more once it is told to stop', async () => {
    const { sso, stop, connect, asked, outcomes } = await watched({ GET: [silence, answered] });
    await sso.signIn();
    stop();
    vi.advanceTimersByTime(60 * MINUTE);
    connect();
    await sso.signIn();
    expect(asked).toEqual(['GET', 'GET']);
    expect(outcomes).toEqual([]);
  });
});

it('a page whose sign-out is pending asks after five seconds whether it is over', async () => {
  const nobody = { json: { status: 'signed out' } };
  const { sso, heard } = await watched({ logout: [silence], 'login status': [nobody] });
  expect(await sso.signOut()).toEqual({ status: 'sign-out pending' });
  vi.advanceTimersByTime(5 * SECOND);
  await heard([{ status: 'password wanted' }]);
});

it.each([
  ['asks again by itself where the SSO service cannot reach its data', refusal(503, 'unavailable'), 1],
  ['asks again by itself where the SSO service has failed', refusal(500, 'internal-error'), 1],
  ['does not where the SSO service does not know it', refusal(403, 'origin-not-allowed'), 0],
])('a page %s', async (_which, refused, times) => {
  const { sso, outcomes } = await watched({ 'login status': [refused, answered] });
  await sso.signIn();
  vi.advanceTimersByTime(5 * SECOND);
  await sso.signIn();
  expect(outcomes).toHaveLength(times);
});
