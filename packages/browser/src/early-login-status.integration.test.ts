/** When steps 1 and 2 are sent at the same time, and what becomes of step 2 if it isn't needed. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { SsoOptions } from './index.ts';
import {
  ADA,
  type FakeResponse,
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

/** A response that the test sends when it wants to. */
function holdResponse(response: FakeResponse) {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { response: { ...response, after: promise }, send: () => resolve() };
}

/** Steps 1 and 2 of a new flow are sent in one turn of the event loop: no response can come between them. */
async function expectBothAtOnce({ sso, reports }: Awaited<ReturnType<typeof openPage>>): Promise<void> {
  reports.length = 0;
  await sso.signInSilently();
  const firstTwo = reports.slice(0, 2).map(({ step, state }) => `${step} ${state}`);
  expect(firstTwo).toEqual(['1 pending', '2 pending']);
}

const stepsOf = (requests: { body: string }[]) =>
  requests.map(({ body }) => (body === '' ? 1 : body.includes('login status') ? 2 : 3)).toSorted();

describe('steps 1 and 2', () => {
  it.each([
    ['1', '2'],
    ['2', '1'],
  ])('overlap: both reach their servers before either responds, and step %s may end first', async (first) => {
    const [app, sso] = [holdResponse(noSession), holdResponse(session)];
    const page = await openPage({ GET: [app.response], 'login status': [sso.response] });
    const signingIn = page.sso.signInSilently();
    await expect.poll(() => stepsOf(page.requests)).toEqual([1, 2]);
    expect(page.reports.map(({ step, state }) => `${step} ${state}`)).toEqual(['1 pending', '2 pending']);
    const [earlier, later] = first === '1' ? [app, sso] : [sso, app];
    earlier.send();
    await expect.poll(() => page.steps()).toContain(`${first} done`);
    expect(page.sent).toEqual(['GET', 'login status']);
    later.send();
    expect(await signingIn).toEqual(signedIn);
    expect(page.steps()).toEqual(['1 done', '2 done', '5 skipped', '3 done', '4 done']);
    const [one, two] = [1, 2].map((step) =>
      page.reports.find((report) => report.step === step && report.state === 'done'),
    );
    expect(two?.startedAtMs).toBeLessThan((one?.startedAtMs ?? 0) + (one?.durationMs ?? 0));
  });

  it('are sent one after the other while the last outcome on this origin is "signed in"', async () => {
    const app = holdResponse(noSession);
    const { sso, otherTab, sent, requests } = await openPage({ GET: [noSession, app.response] });
    expect(await otherTab.signInSilently()).toEqual(signedIn);
    sent.length = requests.length = 0;
    const signingIn = sso.signInSilently();
    await expect.poll(() => stepsOf(requests)).toEqual([1]);
    expect(sent).toEqual(['GET']);
    app.send();
    expect(await signingIn).toEqual(signedIn);
    expect(sent).toEqual(['GET', 'login status', 'authentication token', 'POST']);
  });

  it.each<[event: string, FakeResponses, Partial<SsoOptions>]>([
    ['nobody was signed in', { 'login status': [noSession] }, {}],
    ['a confirmation was required', {}, { mode: 'confirm' }],
  ])('are sent at the same time again after %s', async (_event, responses, options) => {
    const page = await openPage(responses, { wasSignedIn: true, ...options });
    await page.otherTab.signInSilently();
    await expectBothAtOnce(page);
  });

  it('are sent at the same time again after a sign-out', async () => {
    const page = await openPage({}, { wasSignedIn: true });
    await page.otherTab.signOut();
    await expectBothAtOnce(page);
  });

  it('are sent at the same time again once the app session has probably ended', async () => {
    const page = await openPage({ POST: [{ status: 201, ...sessionOf(ADA, 1800) }] }, { wasSignedIn: true });
    await page.otherTab.signInSilently();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1_800_000 });
    onTestFinished(() => void vi.useRealTimers());
    await expectBothAtOnce(page);
  });

  it('are sent one after the other for half an hour if the app session’s end is unknown', async () => {
    const sessionWithoutEnd: FakeResponse = { json: { status: 'signed in', account: ADA } };
    const page = await openPage({ GET: [sessionWithoutEnd] }, { wasSignedIn: false });
    await page.otherTab.signInSilently();
    page.sent.length = 0;
    expect(await page.sso.signInSilently()).toEqual(signedIn);
    expect(page.sent).toEqual(['GET']);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1_800_000 });
    onTestFinished(() => void vi.useRealTimers());
    await expectBothAtOnce(page);
  });

  it.each(['1', '', 'soon', 'NaN'])('are sent at the same time if %j was stored', async (value) => {
    const page = await openPage();
    localStorage.setItem('samesite-sso:signed-in', value);
    await expectBothAtOnce(page);
  });

  it('are still sent one after the other if a server was unavailable after a sign-in', async () => {
    const app = holdResponse(session);
    const { sso, sent } = await openPage({ GET: [noResponse, app.response] }, { wasSignedIn: true });
    expect(await sso.signInSilently()).toEqual({ status: 'app-unreachable' });
    const signingIn = sso.signInSilently();
    await expect.poll(() => sent).toEqual(['GET', 'GET']);
    app.send();
    expect(await signingIn).toEqual(signedIn);
    expect(sent).toEqual(['GET', 'GET']);
  });

  it('are sent one after the other in a tab that checks again: no retry uses the SSO session', async () => {
    const { sso, sent, setVisibility } = await openPage({ GET: [noResponse] });
    await sso.signInSilently();
    sent.length = 0;
    const outcome = new Promise((resolve) => {
      onTestFinished(sso.watch(resolve));
    });
    setVisibility('visible');
    expect(await outcome).toEqual({ status: 'app-unreachable' });
    expect(sent).toEqual(['GET']);
  });

  it('wait until a pending sign-out is finished [T-SIGNOUT-04]', async () => {
    const end = holdResponse(noSession);
    const { sso, otherTab, sent } = await openPage({ 'DELETE site': [noResponse, end.response] });
    await otherTab.signOut();
    sent.length = 0;
    const signingIn = sso.signInSilently();
    await expect.poll(() => sent).toEqual(['DELETE site']);
    end.send();
    expect(await signingIn).toEqual(signedIn);
    expect(sent).toEqual(['DELETE site', 'GET', 'login status', 'authentication token', 'POST']);
  });
});

describe('step 2, sent with a step 1 that finds an app session,', () => {
  const unknown = { wasSignedIn: false };

  it.each<[string, FakeResponse]>([
    ['another account', sessionOf(GRACE)],
    ['nobody', noSession],
    ['a failure', refusal(503, 'unavailable')],
    ['no response', noResponse],
  ])('changes nothing if it finds %s', async (_found, response) => {
    const app = holdResponse(session);
    const page = await openPage({ GET: [app.response], 'login status': [response] }, unknown);
    const signingIn = page.sso.signInSilently();
    await expect.poll(() => page.steps()).toContainEqual(expect.stringMatching(/^2 (?!pending)/));
    app.send();
    expect(await signingIn).toEqual({ status: 'signed-in', account: ADA });
    expect(page.sent).toEqual(['GET', 'login status']);
    expect(page.steps()).toEqual(['1 done', '2 skipped', '5 skipped', '3 skipped', '4 skipped']);
  });

  it('isn’t waited for, and reports nothing more', async () => {
    const late = holdResponse(session);
    const page = await openPage({ GET: [session], 'login status': [late.response, session] }, unknown);
    expect(await page.sso.signInSilently()).toEqual(signedIn);
    const skipped = page.reports.find(({ step, state }) => step === 2 && state === 'skipped');
    expect(skipped).toMatchObject({ label: 'not needed: app session found', request: { path: '/' } });
    expect(skipped).not.toHaveProperty('status');
    const before = page.reports.length;
    late.send();
    await page.otherTab.confirm(ADA); // Its step 2 gets a response after the late one.
    expect(page.reports).toHaveLength(before);
  });
});

it('a step 2 that was sent with a failing step 1 is skipped, and leads to no token', async () => {
  const late = holdResponse(session);
  const { sso, sent, steps } = await openPage({ GET: [noResponse], 'login status': [late.response] });
  expect(await sso.signInSilently()).toEqual({ status: 'app-unreachable' });
  expect(steps()).toEqual(['1 unanswered', '2 skipped']);
  late.send();
  expect(sent).toEqual(['GET', 'login status']);
});

it('with steps 1 and 2 at the same time, a flow without an SSO session still ends signed out', async () => {
  const { sso, sent } = await openPage({ 'login status': [noSession] });
  expect(await sso.signInSilently()).toEqual(signedOut);
  expect(sent).toEqual(['GET', 'login status']);
});
