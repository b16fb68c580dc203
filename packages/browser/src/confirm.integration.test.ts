/** Mode `confirm`: no app session starts before the person confirms. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Outcome } from './index.ts';
import {
  ADA,
  type FakeResponses,
  GRACE,
  noSession,
  openPage,
  PASSWORD,
  refusal,
  session,
  sessionOf,
  signedIn,
  signedOut,
} from './page.fixture.ts';

const graceStarted = { status: 201, ...sessionOf(GRACE) };
const confirmationRequired = { status: 'confirmation-required', account: ADA };
const graceMustConfirm = { status: 'confirmation-required', account: GRACE };

const openConfirming = (responses: FakeResponses = {}) => openPage(responses, { mode: 'confirm' });

describe('in mode "confirm", signing in', () => {
  it('stops after step 2 with the account that has the SSO session, and starts no app session', async () => {
    const { sso, sent, steps } = await openConfirming();
    expect(await sso.signInSilently()).toEqual(confirmationRequired);
    expect(sent).toEqual(['GET', 'login status']);
    expect(steps()).toEqual(['1 done', '2 done', '5 skipped']);
  });

  it('takes steps 3 and 4 after the confirmation, and repeats step 2 first', async () => {
    const { sso, sent, steps } = await openConfirming();
    expect(await sso.confirm(ADA)).toEqual(signedIn);
    expect(sent).toEqual(['login status', 'authentication token', 'POST']);
    expect(steps()).toEqual(['2 done', '5 skipped', '3 done', '4 done']);
  });

  it('asks for another confirmation if another account has the SSO session by then', async () => {
    const { sso, sent } = await openConfirming({ 'login status': [sessionOf(GRACE)] });
    expect(await sso.confirm(ADA)).toEqual(graceMustConfirm);
    expect(sent).toEqual(['login status']);
  });

  it('ends signed out if the SSO session has ended', async () => {
    const { sso, sent } = await openConfirming({ 'login status': [noSession] });
    expect(await sso.confirm(ADA)).toEqual(signedOut);
    expect(sent).toEqual(['login status']);
  });

  it('ends signed out if the SSO session ends between steps 2 and 3', async () => {
    const { sso } = await openConfirming({ 'authentication token': [refusal(401, 'not-signed-in')] });
    expect(await sso.confirm(ADA)).toEqual(signedOut);
  });

  it('needs no confirmation if there is an app session', async () => {
    const { sso, sent } = await openConfirming({ GET: [session] });
    expect(await sso.signInSilently()).toEqual(signedIn);
    expect(sent).toEqual(['GET']);
  });

  it('needs no confirmation after a password', async () => {
    const { sso, sent } = await openConfirming();
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual(signedIn);
    expect(sent).toEqual(['login', 'authentication token', 'POST']);
  });
});

describe('in mode "confirm", an app session that step 4 started for another account', () => {
  it('is ended, and a confirmation required, if that account signed in after step 2', async () => {
    const { sso, sent } = await openConfirming({ POST: [graceStarted] });
    expect(await sso.confirm(ADA)).toEqual(graceMustConfirm);
    expect(sent).toEqual(['login status', 'authentication token', 'POST', 'DELETE']);
  });

  it('is ended, and a confirmation required, if that login invalidated the first token', async () => {
    const { sso, sent } = await openConfirming({ POST: [refusal(401, 'invalid-token'), graceStarted] });
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual(graceMustConfirm);
    const attempts = ['authentication token', 'POST', 'authentication token', 'POST'];
    expect(sent).toEqual(['login', ...attempts, 'DELETE']);
  });
});

describe('in mode "confirm", a tab to which the person returns', () => {
  async function returnTo(responses: FakeResponses) {
    const page = await openConfirming(responses);
    const outcomes: Outcome[] = [];
    onTestFinished(page.sso.watch((outcome) => outcomes.push(outcome)));
    page.setVisibility('visible');
    await expect.poll(() => outcomes.length).toBe(1);
    return { ...page, outcome: outcomes[0] };
  }

  it('stays signed in if nothing has changed', async () => {
    const { outcome, sent } = await returnTo({ GET: [session] });
    expect(outcome).toEqual(signedIn);
    expect(sent).toEqual(['GET', 'login status']);
  });

  it('ends its app session if another account has the SSO session, and requires a confirmation', async () => {
    const { outcome, sent, steps } = await returnTo({
      GET: [session],
      'login status': [sessionOf(GRACE)],
    });
    expect(outcome).toEqual(graceMustConfirm);
    expect(sent).toEqual(['GET', 'login status', 'DELETE']);
    expect(steps()).toEqual(['1 done', '2 done', '5 skipped']);
  });

  it('requires a confirmation if the app session has expired', async () => {
    const { outcome, sent } = await returnTo({});
    expect(outcome).toEqual(confirmationRequired);
    expect(sent).toEqual(['GET', 'login status']);
  });
});

it('in mode "confirm", an account that the page has only asked about still has to confirm', async () => {
  const { sso, sent, setVisibility } = await openConfirming();
  expect(await sso.signInSilently()).toEqual(confirmationRequired);
  const outcomes: Outcome[] = [];
  onTestFinished(sso.watch((outcome) => outcomes.push(outcome)));
  setVisibility('visible');
  await expect.poll(() => outcomes).toEqual([confirmationRequired]);
  expect(await sso.stepUp({ password: PASSWORD })).toEqual(signedOut);
  expect(sent).toEqual(['GET', 'login status', 'GET', 'login status']);
});

it('in mode "automatic", confirm signs in the account that has the SSO session', async () => {
  const { sso } = await openPage({ 'login status': [sessionOf(GRACE)], POST: [graceStarted] });
  expect(await sso.confirm(ADA)).toEqual({ status: 'signed-in', account: GRACE });
});
