/** Mode `confirm`: nobody's app session starts before they have said so. */
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Outcome } from './index.ts';
import { ACCOUNT, type Answer, openPage, refusal } from './page.fixture.ts';

const GRACE = { id: 'g1', username: 'grace', displayName: 'Grace Hopper' };
const PASSWORD = 'correct horse battery staple';
const here: Answer = { json: { status: 'signed in', account: ACCOUNT } };
const nobody: Answer = { json: { status: 'signed out' } };
const graceThere: Answer = { json: { status: 'signed in', account: GRACE } };
const graceStarted: Answer = { status: 201, ...graceThere };
const signedIn = { status: 'signed in', account: ACCOUNT };
const wanted = { status: 'confirmation wanted', account: ACCOUNT };
const graceWanted = { status: 'confirmation wanted', account: GRACE };

const openAsking = (answers: Parameters<typeof openPage>[0] = {}) => openPage(answers, { mode: 'confirm' });

describe('in mode "confirm", signing in', () => {
  it('ends after step 2 with who is signed in there, and starts nothing', async () => {
    const { sso, asked, steps } = await openAsking();
    expect(await sso.signIn()).toEqual(wanted);
    expect(asked).toEqual(['GET', 'login status']);
    expect(steps()).toEqual(['1 done', '2 done', '5 skipped']);
  });

  it('goes on with 3 and 4 when told so, after it has asked step 2 again', async () => {
    const { sso, asked, steps } = await openAsking();
    expect(await sso.confirm(ACCOUNT)).toEqual(signedIn);
    expect(asked).toEqual(['login status', 'authentication token', 'POST']);
    expect(steps()).toEqual(['2 done', '5 skipped', '3 done', '4 done']);
  });

  it('asks again when somebody else is signed in there by then', async () => {
    const { sso, asked } = await openAsking({ 'login status': [graceThere] });
    expect(await sso.confirm(ACCOUNT)).toEqual(graceWanted);
    expect(asked).toEqual(['login status']);
  });

  it('wants a password when nobody is signed in there by then', async () => {
    const { sso, asked } = await openAsking({ 'login status': [nobody] });
    expect(await sso.confirm(ACCOUNT)).toEqual({ status: 'password wanted' });
    expect(asked).toEqual(['login status']);
  });

  it('wants a password when the SSO session ends between steps 2 and 3', async () => {
    const { sso } = await openAsking({ 'authentication token': [refusal(401, 'not-signed-in')] });
    expect(await sso.confirm(ACCOUNT)).toEqual({ status: 'password wanted' });
  });

  it('asks nothing where an app session lives', async () => {
    const { sso, asked } = await openAsking({ GET: [here] });
    expect(await sso.signIn()).toEqual(signedIn);
    expect(asked).toEqual(['GET']);
  });

  it('with a password goes on at once: typing it is the word', async () => {
    const { sso, asked } = await openAsking();
    expect(await sso.logIn('ada', PASSWORD)).toEqual(signedIn);
    expect(asked).toEqual(['login', 'authentication token', 'POST']);
  });
});

describe('in mode "confirm", an app session that turns out to be somebody else’s', () => {
  it('is ended, and the person asked, when the other one signed in after step 2', async () => {
    const { sso, asked } = await openAsking({ POST: [graceStarted] });
    expect(await sso.confirm(ACCOUNT)).toEqual(graceWanted);
    expect(asked).toEqual(['login status', 'authentication token', 'POST', 'DELETE']);
  });

  it('is ended, and the person asked, when the other one’s login spoiled the token of this one', async () => {
    const { sso, asked } = await openAsking({ POST: [refusal(401, 'invalid-token'), graceStarted] });
    expect(await sso.logIn('ada', PASSWORD)).toEqual(graceWanted);
    const tries = ['authentication token', 'POST', 'authentication token', 'POST'];
    expect(asked).toEqual(['login', ...tries, 'DELETE']);
  });
});

describe('in mode "confirm", a tab that is looked at again', () => {
  async function looked(answers: Parameters<typeof openPage>[0]) {
    const page = await openAsking(answers);
    const outcomes: Outcome[] = [];
    onTestFinished(page.sso.watch((outcome) => outcomes.push(outcome)));
    page.turn('visible');
    await expect.poll(() => outcomes.length).toBe(1);
    return { ...page, outcome: outcomes[0] };
  }

  it('stays signed in where nothing has happened', async () => {
    const { outcome, asked } = await looked({ GET: [here] });
    expect(outcome).toEqual(signedIn);
    expect(asked).toEqual(['GET', 'login status']);
  });

  it('ends its app session when somebody else is signed in there, and asks them', async () => {
    const { outcome, asked, steps } = await looked({ GET: [here], 'login status': [graceThere] });
    expect(outcome).toEqual(graceWanted);
    expect(asked).toEqual(['GET', 'login status', 'DELETE']);
    expect(steps()).toEqual(['1 done', '2 done', '5 skipped']);
  });

  it('asks when the app session has run out', async () => {
    const { outcome, asked } = await looked({});
    expect(outcome).toEqual(wanted);
    expect(asked).toEqual(['GET', 'login status']);
  });
});

it('in mode "automatic" a confirmation goes on as whoever is signed in there', async () => {
  const { sso } = await openPage({ 'login status': [graceThere], POST: [graceStarted] });
  expect(await sso.confirm(ACCOUNT)).toEqual({ status: 'signed in', account: GRACE });
});
