/** What happens when the person looks at the tab again, comes back to it, or signs out in another one. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Outcome } from './index.ts';
import { ACCOUNT, type Answer, openPage, refusal } from './page.fixture.ts';

const signedIn = { status: 'signed in', account: ACCOUNT };
const here: Answer = { json: signedIn };
const nobody: Answer = { json: { status: 'signed out' } };
const grace = { id: 'g1', username: 'grace', displayName: 'Grace Hopper' };

async function watched(answers: Parameters<typeof openPage>[0]) {
  const page = await openPage(answers);
  const outcomes: Outcome[] = [];
  const stop = page.sso.watch((outcome) => outcomes.push(outcome));
  onTestFinished(stop);
  const looked = async () => {
    const before = outcomes.length;
    page.turn('visible');
    await expect.poll(() => outcomes.length).toBe(before + 1);
    return outcomes.at(-1);
  };
  return { ...page, stop, outcomes, looked };
}

describe('a tab that is looked at again', () => {
  it('asks the app and the SSO service, and nothing changes where both know the person', async () => {
    const { looked, asked, steps } = await watched({ GET: [here] });
    expect(await looked()).toEqual(signedIn);
    expect(asked).toEqual(['GET', 'login status']);
    expect(steps()).toEqual(['1 done', '2 done', '5 skipped', '3 skipped', '4 skipped']);
  });

  it('ends its app session when the person has signed out elsewhere', async () => {
    const { looked, asked } = await watched({ GET: [here], 'login status': [nobody] });
    expect(await looked()).toEqual({ status: 'password wanted' });
    expect(asked).toEqual(['GET', 'login status', 'DELETE']);
  });

  it('signs in when the person has signed in elsewhere', async () => {
    const { looked, asked } = await watched({});
    expect(await looked()).toEqual(signedIn);
    expect(asked).toEqual(['GET', 'login status', 'authentication token', 'POST']);
  });

  it('follows when another person has signed in elsewhere', async () => {
    const another = { status: 'signed in', account: grace };
    const { looked, asked } = await watched({
      GET: [here],
      'login status': [{ json: another }],
      POST: [{ status: 201, json: another }],
    });
    expect(await looked()).toEqual(another);
    expect(asked).toEqual(['GET', 'login status', 'authentication token', 'POST']);
  });

  it.each([
    ['is silent', { hangUp: true }],
    ['cannot reach its data', refusal(503, 'unavailable')],
  ])('keeps its app session when the SSO service %s', async (_how, silence) => {
    const { looked, asked } = await watched({ GET: [here], 'login status': [silence] });
    expect(await looked()).toEqual(signedIn);
    expect(asked).not.toContain('DELETE');
  });

  it('asks nothing when it is left', async () => {
    const { turn, looked, asked } = await watched({ GET: [here] });
    turn('hidden');
    await looked();
    expect(asked).toEqual(['GET', 'login status']);
  });

  it('asks nothing any more once it is told to stop', async () => {
    const { stop, turn, asked, outcomes, sso } = await watched({ GET: [here] });
    stop();
    turn('visible');
    await sso.signIn();
    expect(asked).toEqual(['GET']);
    expect(outcomes).toEqual([]);
  });
});

describe('a window that gets the focus, after it was in sight all the time', () => {
  it('asks, since the person may have signed out in the window beside it', async () => {
    const { focus, outcomes, asked } = await watched({ GET: [here], 'login status': [nobody] });
    focus(2);
    await expect.poll(() => outcomes).toEqual([{ status: 'password wanted' }]);
    expect(asked).toEqual(['GET', 'login status', 'DELETE']);
  });

  it('asks once a second at most, however often it gets the focus', async () => {
    const { focus, outcomes, asked, sso } = await watched({ GET: [here] });
    for (const times of [1, 2]) {
      focus(2);
      await expect.poll(() => outcomes).toHaveLength(times);
      for (const seconds of [0, 0.3, 0.3]) focus(seconds);
      await sso.signIn();
    }
    expect(asked).toEqual(['GET', 'login status', 'GET', 'GET', 'login status', 'GET']);
    expect(outcomes).toHaveLength(2);
  });

  it('asks once where it becomes visible as well, before or after', async () => {
    const { turn, focus, outcomes, asked, sso } = await watched({ GET: [here] });
    turn('hidden');
    focus(2);
    await sso.signIn();
    turn('visible');
    await expect.poll(() => outcomes).toEqual([signedIn]);
    focus(0.1);
    await sso.signIn();
    expect(asked).toEqual(['GET', 'GET', 'login status', 'GET']);
  });

  it('asks nothing where the page has only just opened, and asked', async () => {
    const { focus, sso, asked } = await watched({ GET: [here] });
    await sso.signIn();
    focus(0.1);
    await sso.signIn();
    expect(asked).toEqual(['GET', 'GET']);
  });
});

describe('a page that comes back out of the back/forward cache', () => {
  it('asks once, although it is both shown and visible', async () => {
    const { turn, show, outcomes, asked, sso } = await watched({ GET: [here] });
    turn('visible');
    show(true);
    await expect.poll(() => outcomes).toEqual([signedIn]);
    await sso.signIn();
    expect(asked).toEqual(['GET', 'login status', 'GET']);
    expect(outcomes).toHaveLength(1);
  });

  it('asks, and the next time too, where the browser tells only that it is shown', async () => {
    const { show, outcomes } = await watched({ GET: [here] });
    for (const times of [1, 2]) {
      show(true);
      await expect.poll(() => outcomes).toHaveLength(times);
    }
  });

  it('is not one that is shown for the first time', async () => {
    const { show, sso, asked } = await watched({ GET: [here] });
    show(false);
    await sso.signIn();
    expect(asked).toEqual(['GET']);
  });
});

describe('a sign-out in one tab', () => {
  it('makes another look again at once, when both sessions are gone, although nobody looks at it', async () => {
    const { turn, otherTab, outcomes, asked } = await watched({ 'login status': [nobody] });
    turn('hidden');
    await otherTab.signOut();
    await expect.poll(() => outcomes).toEqual([{ status: 'password wanted' }]);
    expect(asked.slice(0, 2).sort()).toEqual(['DELETE site', 'logout']);
    expect(asked.slice(2)).toEqual(['GET', 'login status']);
  });

  it('is told as soon as the SSO session has ended, even if the app is silent', async () => {
    const { otherTab, outcomes, asked } = await watched({
      GET: [here],
      'login status': [nobody],
      'DELETE site': [{ hangUp: true }, nobody],
    });
    expect(await otherTab.signOut()).toEqual({ status: 'app unreachable' });
    await expect.poll(() => outcomes).toEqual([{ status: 'password wanted' }]);
    expect(asked.slice(2)).toEqual(['DELETE site', 'GET', 'login status', 'DELETE']);
  });

  it('is told as soon as the app session has ended, even if the SSO service is silent', async () => {
    const { otherTab, outcomes, asked } = await watched({
      logout: [{ hangUp: true }],
      'login status': [{ hangUp: true }],
    });
    expect(await otherTab.signOut()).toEqual({ status: 'sign-out pending' });
    await expect.poll(() => outcomes).toEqual([{ status: 'SSO service unreachable' }]);
    expect(asked.slice(2)).toEqual(['GET', 'login status']);
  });

  it('is no news to the tab itself', async () => {
    const { sso, outcomes, asked } = await watched({});
    await sso.signOut();
    await sso.signIn();
    expect(outcomes).toEqual([]);
    expect(asked.slice(2)).toEqual(['GET', 'login status', 'authentication token', 'POST']);
  });

  it('is no news to a tab that was told to stop', async () => {
    const { stop, otherTab, outcomes, asked } = await watched({});
    stop();
    await otherTab.signOut();
    await otherTab.signIn();
    expect(outcomes).toEqual([]);
    expect(asked).toHaveLength(6);
  });
});
