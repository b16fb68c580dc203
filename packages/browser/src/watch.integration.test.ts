/** A page checks again when the person returns to its tab, or signs out in another one. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Outcome } from './index.ts';
import {
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

async function watched(responses: FakeResponses) {
  const page = await openPage(responses);
  const outcomes: Outcome[] = [];
  const stop = page.sso.watch((outcome) => outcomes.push(outcome));
  onTestFinished(stop);
  const returnToTab = async () => {
    const before = outcomes.length;
    page.setVisibility('visible');
    await expect.poll(() => outcomes.length).toBe(before + 1);
    return outcomes.at(-1);
  };
  return { ...page, stop, outcomes, returnToTab };
}

describe('a tab to which the person returns', () => {
  it('asks the app and the SSO service, and changes nothing if both know the person', async () => {
    const { returnToTab, sent, steps } = await watched({ GET: [session] });
    expect(await returnToTab()).toEqual(signedIn);
    expect(sent).toEqual(['GET', 'login status']);
    expect(steps()).toEqual(['1 done', '2 done', '5 skipped', '3 skipped', '4 skipped']);
  });

  it('ends its app session if the person has signed out elsewhere', async () => {
    const { returnToTab, sent } = await watched({ GET: [session], 'login status': [noSession] });
    expect(await returnToTab()).toEqual(signedOut);
    expect(sent).toEqual(['GET', 'login status', 'DELETE']);
  });

  it('signs in if the person has signed in elsewhere', async () => {
    const { returnToTab, sent } = await watched({});
    expect(await returnToTab()).toEqual(signedIn);
    expect(sent).toEqual(['GET', 'login status', 'authentication token', 'POST']);
  });

  it('switches to another account that has signed in elsewhere', async () => {
    const { returnToTab, sent } = await watched({
      GET: [session],
      'login status': [sessionOf(GRACE)],
      POST: [{ status: 201, ...sessionOf(GRACE) }],
    });
    expect(await returnToTab()).toEqual({ status: 'signed-in', account: GRACE });
    expect(sent).toEqual(['GET', 'login status', 'authentication token', 'POST']);
  });

  it.each([
    ['is down', noResponse],
    ['can’t access its data', refusal(503, 'unavailable')],
  ])('keeps its app session if the SSO service %s', async (_how, response) => {
    const { returnToTab, sent } = await watched({ GET: [session], 'login status': [response] });
    expect(await returnToTab()).toEqual(signedIn);
    expect(sent).not.toContain('DELETE');
  });

  it('sends nothing when the person leaves it', async () => {
    const { setVisibility, returnToTab, sent } = await watched({ GET: [session] });
    setVisibility('hidden');
    await returnToTab();
    expect(sent).toEqual(['GET', 'login status']);
  });

  it('sends nothing once the watch is stopped', async () => {
    const { stop, setVisibility, sent, outcomes, sso } = await watched({ GET: [session] });
    stop();
    setVisibility('visible');
    await sso.signInSilently();
    expect(sent).toEqual(['GET']);
    expect(outcomes).toEqual([]);
  });
});

describe('a visible window that gets the focus', () => {
  it('checks, since the person may have signed out in the window beside it', async () => {
    const { focus, outcomes, sent } = await watched({ GET: [session], 'login status': [noSession] });
    focus(2);
    await expect.poll(() => outcomes).toEqual([signedOut]);
    expect(sent).toEqual(['GET', 'login status', 'DELETE']);
  });

  it('checks at most once a second, however often it gets the focus', async () => {
    const { focus, outcomes, sent, sso } = await watched({ GET: [session] });
    for (const times of [1, 2]) {
      focus(2);
      await expect.poll(() => outcomes).toHaveLength(times);
      for (const seconds of [0, 0.3, 0.3]) focus(seconds);
      await sso.signInSilently();
    }
    expect(sent).toEqual(['GET', 'login status', 'GET', 'GET', 'login status', 'GET']);
    expect(outcomes).toHaveLength(2);
  });

  it('checks once if it also becomes visible, before or after', async () => {
    const { setVisibility, focus, outcomes, sent, sso } = await watched({ GET: [session] });
    setVisibility('hidden');
    focus(2);
    await sso.signInSilently();
    setVisibility('visible');
    await expect.poll(() => outcomes).toEqual([signedIn]);
    focus(0.1);
    await sso.signInSilently();
    expect(sent).toEqual(['GET', 'GET', 'login status', 'GET']);
  });

  it('sends nothing if the page has just opened and checked', async () => {
    const { focus, sso, sent } = await watched({ GET: [session] });
    await sso.signInSilently();
    focus(0.1);
    await sso.signInSilently();
    expect(sent).toEqual(['GET', 'GET']);
  });
});

describe('a page from the back/forward cache', () => {
  it('checks once, although it is both shown and visible', async () => {
    const { setVisibility, show, outcomes, sent, sso } = await watched({ GET: [session] });
    setVisibility('visible');
    show(true);
    await expect.poll(() => outcomes).toEqual([signedIn]);
    await sso.signInSilently();
    expect(sent).toEqual(['GET', 'login status', 'GET']);
    expect(outcomes).toHaveLength(1);
  });

  it('checks each time, even if the browser fires only pageshow', async () => {
    const { show, outcomes } = await watched({ GET: [session] });
    for (const times of [1, 2]) {
      show(true);
      await expect.poll(() => outcomes).toHaveLength(times);
    }
  });

  it('isn’t confused with a page that is shown for the first time', async () => {
    const { show, sso, sent } = await watched({ GET: [session] });
    show(false);
    await sso.signInSilently();
    expect(sent).toEqual(['GET']);
  });
});

describe('a sign-out in one tab', () => {
  it('makes a hidden tab check at once, after both sessions have ended', async () => {
    const { setVisibility, otherTab, outcomes, sent } = await watched({ 'login status': [noSession] });
    setVisibility('hidden');
    await otherTab.signOut();
    await expect.poll(() => outcomes).toEqual([signedOut]);
    expect(sent.slice(0, 2).sort()).toEqual(['DELETE site', 'logout']);
    expect(sent.slice(2)).toEqual(['GET', 'login status']);
  });

  it('notifies other tabs once the SSO session has ended, even if the app is down', async () => {
    const { otherTab, outcomes, sent } = await watched({
      GET: [session],
      'login status': [noSession],
      'DELETE site': [noResponse, noSession],
    });
    expect(await otherTab.signOut()).toEqual({ status: 'app-unreachable' });
    await expect.poll(() => outcomes).toEqual([signedOut]);
    expect(sent.slice(2)).toEqual(['DELETE site', 'GET', 'login status', 'DELETE']);
  });

  it('notifies other tabs once the app session has ended, even if the SSO service is down', async () => {
    const { otherTab, outcomes, sent } = await watched({
      logout: [noResponse],
      'login status': [noResponse],
    });
    expect(await otherTab.signOut()).toEqual({ status: 'sign-out-pending' });
    await expect.poll(() => outcomes).toEqual([{ status: 'sso-unreachable' }]);
    expect(sent.slice(2)).toEqual(['GET', 'login status']);
  });

  it('doesn’t notify the tab itself', async () => {
    const { sso, outcomes, sent } = await watched({});
    await sso.signOut();
    await sso.signInSilently();
    expect(outcomes).toEqual([]);
    expect(sent.slice(2)).toEqual(['GET', 'login status', 'authentication token', 'POST']);
  });

  it('doesn’t notify a tab whose watch is stopped', async () => {
    const { stop, otherTab, outcomes, sent } = await watched({});
    stop();
    await otherTab.signOut();
    await otherTab.signInSilently();
    expect(outcomes).toEqual([]);
    expect(sent).toHaveLength(6);
  });
});
