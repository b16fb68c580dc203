/**
 * Apps for groups. The attacker is a person who isn't, or is no longer, in the app's groups, with a browser
 * of their own and a valid SSO session. They want an app session there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import type { Answer } from '../support/http.ts';
import { type Server, type Site, site } from '../support/site.ts';
import { administer } from './administer.ts';

/** The contract's limit. */
const WITHIN_5_S = { timeout: 5000 };

/** Changes lorem's entry in the registry, and has the service read it. */
async function changeLorem({ sso, lorem, folder }: Site, changes: object): Promise<void> {
  const file = path.join(folder, 'apps.json');
  const apps: { origin: string }[] = JSON.parse(readFileSync(file, 'utf8'));
  const changed = apps.map((app) => (app.origin === lorem.origin ? { ...app, ...changes } : app));
  writeFileSync(file, JSON.stringify(changed));
  await sso.app.reload?.();
}

async function changeGroup(at: Site, change: 'add' | 'remove', username: string): Promise<void> {
  expect(await administer(at, 'group', change, 'staff', username)).toMatchObject({ status: 0 });
}

/** A site whose app lorem is for the group staff, which ada is in. */
async function siteForStaff(): Promise<Site> {
  const at = await site();
  await changeGroup(at, 'add', 'ada');
  await changeLorem(at, { groups: ['staff'] });
  return at;
}

function expectNotPermitted({ status, body, text, headers }: Answer): void {
  expect([status, body['code']]).toEqual([403, 'not-permitted']);
  expect(headers['set-cookie']).toBeUndefined();
  expect(text, 'the groups of an app are nobody’s business').not.toContain('staff');
}

describe('a person who isn’t in the app’s groups', () => {
  test('gets no token, and nothing changes [T-GROUP-04]', async () => {
    const at = await siteForStaff();
    const grace = new Browser(at, GRACE);
    await grace.signIn();
    const before = await at.state();
    expectNotPermitted(await grace.authenticationToken(at.lorem));
    expectNotPermitted(await grace.signInAt(at.lorem));
    expect(await at.state()).toEqual(before);
    expect(await grace.sessionAt(at.lorem)).toEqual({ status: 'signed out' });
    expect(await grace.status(), 'the SSO session goes on').toBe('signed in');
    expect(await grace.sessionAt(at.foo)).toMatchObject({ status: 'signed in' });
  });

  test('gets no token by signing in on that app’s page either [T-GROUP-04]', async () => {
    const at = await siteForStaff();
    const grace = new Browser(at, GRACE);
    await grace.signIn(GRACE, at.lorem);
    expectNotPermitted(await grace.authenticationToken(at.lorem));
    expect(await grace.sessionAt(at.lorem)).toEqual({ status: 'signed out' });
  });

  test.each([
    ['a group', { groups: ['staff'] }],
    ['another app', { app: 'http://foo.app.example.localhost' }],
    ['an audience', { aud: 'http://foo.app.example.localhost' }],
  ])('can’t name %s in the request [T-GROUP-04]', async (_what, members) => {
    const at = await siteForStaff();
    const grace = new Browser(at, GRACE);
    await grace.signIn();
    const answer = await grace.ask({ request: 'authentication token', ...members }, at.lorem);
    expect([answer.status, answer.body['code']]).toEqual([400, 'invalid-request']);
  });

  test('can’t use a token for another app, or that of a member [T-GROUP-04]', async () => {
    const at = await siteForStaff();
    const [ada, grace] = [new Browser(at, ADA), new Browser(at, GRACE)];
    for (const browser of [ada, grace]) await browser.signIn();
    const refused = await grace.redeem(at.lorem, await grace.token(at.foo));
    expect([refused.status, refused.body['code']]).toEqual([401, 'invalid-token']);
    // A member's token signs in the member, even if somebody else presents it.
    const { body } = await grace.redeem(at.lorem, await ada.token(at.lorem));
    expect(body).toMatchObject({ account: { username: 'ada' } });
  });
});

describe('a token', () => {
  test('from before its person left the group is worth nothing afterwards [T-GROUP-01]', async () => {
    const at = await siteForStaff();
    const ada = new Browser(at, ADA);
    await ada.signIn();
    const token = await ada.token(at.lorem);
    await changeGroup(at, 'remove', 'ada');
    const refused = await ada.redeem(at.lorem, token);
    expect([refused.status, refused.body['code']]).toEqual([401, 'invalid-token']);
  });

  test.each([
    ['a group', { groups: ['staff'] }],
    ['a second factor', { secondFactor: true }],
  ])('from before the app required %s is worth nothing afterwards [T-GROUP-03]', async (_what, changes) => {
    const at = await site();
    const grace = new Browser(at, GRACE);
    await grace.signIn();
    const token = await grace.token(at.lorem);
    await changeLorem(at, changes);
    const refused = await grace.redeem(at.lorem, token);
    expect([refused.status, refused.body['code']]).toEqual([401, 'invalid-token']);
  });
});

test('requests that race with leaving the group leave no app session behind [T-GROUP-02]', async () => {
  const at = await siteForStaff();
  const ada = new Browser(at, ADA);
  await ada.signIn();
  for (let round = 0; round < 5; round += 1) {
    const browsers = Array.from({ length: 12 }, () => ada.copyWithoutApps());
    await Promise.all([
      ...browsers.map((browser) => browser.signInAt(at.lorem)),
      changeGroup(at, 'remove', 'ada'),
      ...browsers.map((browser) => browser.signInAt(at.lorem)),
    ]);
    expectNotPermitted(await ada.authenticationToken(at.lorem));
    const statuses = () =>
      Promise.all(browsers.map(async (browser) => (await browser.sessionAt(at.lorem))['status']));
    await expect.poll(async () => new Set(await statuses()), WITHIN_5_S).toEqual(new Set(['signed out']));
    // Back in the group, the same SSO session is let in again.
    await changeGroup(at, 'add', 'ada');
    expect((await ada.signInAt(at.lorem)).status).toBe(201);
  }
});

test('a person who is back in the group signs in at once, in the same second [T-GROUP-05]', async () => {
  const at = await siteForStaff();
  const ada = new Browser(at, ADA);
  await ada.signIn(ADA, at.lorem);
  for (let round = 0; round < 2; round += 1) {
    expect(await ada.sessionAt(at.lorem)).toMatchObject({ status: 'signed in' });
    await changeGroup(at, 'remove', 'ada');
    await expect.poll(() => ada.sessionAt(at.lorem), WITHIN_5_S).toEqual({ status: 'signed out' });
    await changeGroup(at, 'add', 'ada');
    expect((await ada.signInAt(at.lorem)).status).toBe(201);
  }
});

test('a person in no group learns nothing about which apps have groups from steps 1, 2 and 5', async () => {
  const at = await siteForStaff();
  const responsesOf = async (app: Server) => {
    const grace = new Browser(at, GRACE);
    const answers = [await grace.appSession(app), await grace.logIn({}, app), await grace.loginStatus(app)];
    return answers.map(({ status, body }) => ({ status, body }));
  };
  expect(await responsesOf(at.lorem)).toEqual(await responsesOf(at.foo));
});
