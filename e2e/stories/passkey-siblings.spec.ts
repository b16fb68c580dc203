/**
 * A sibling's page that isn't registered asks for passkeys, and the person confirms every request. The
 * service accepts none of it. An app's page gains no more with a challenge for another app's page. What such
 * pages can do to the passkey on the device is in docs/decisions/0027.
 */
import type { Page } from '@playwright/test';
import { expect, test } from '../account-test.ts';
import {
  jsonRequest,
  type PageRequest,
  type ReadableResponse,
  sendFromPage,
} from '../cross-origin-requests.ts';

/** Runs in a page: asks for a passkey of the site. @returns what it signed */
async function askForPasskey(challenge: string): Promise<AuthenticationResponseJSON> {
  const options = { challenge, rpId: 'example.localhost', userVerification: 'required' };
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey });
  return (credential as PublicKeyCredential).toJSON() as AuthenticationResponseJSON;
}

/** Runs in a page: creates a passkey for a user handle of the site. @returns its id */
async function makePasskey(userId: string): Promise<string> {
  const options = {
    challenge: 'AAAA',
    rp: { id: 'example.localhost', name: 'evil' },
    user: { id: userId, name: 'evil', displayName: 'evil' },
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  } as const;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never);
  return (await navigator.credentials.create({ publicKey }))?.id ?? '';
}

/** Runs in a page: tells the browser that the service knows no passkey. */
async function hidePasskey(credentialId: string): Promise<void> {
  await PublicKeyCredential.signalUnknownCredential({ rpId: 'example.localhost', credentialId });
}

/** What the page can read of the response. */
async function sendOne(page: Page, request: PageRequest): Promise<ReadableResponse | undefined> {
  return Object.values(await sendFromPage(page, [request]))[0];
}

async function challengeFor(page: Page, request: PageRequest): Promise<string> {
  const answer = await sendOne(page, request);
  if (typeof answer !== 'object') throw new Error('There is no challenge.');
  return JSON.parse(answer.body).publicKey.challenge;
}

test('a sibling’s page gains nothing from a passkey, nor takes it away [T-PASSKEY-01, T-PASSKEY-13]', {
  tag: '@scheme',
}, async ({ account, openTab, scheme, site, somebody, foreignOrigin }) => {
  const authenticator = await account.signInAndAddPasskey(site.sso.origin, somebody);
  await account.signOut();
  const foo = await (await openTab()).open(site.foo.origin);
  await foo.showsForm();
  const { page } = await account.open((await foreignOrigin(scheme, 'sameSite')).origin);
  const before = await site.state();

  const asking = jsonRequest(site.sso.origin, { request: 'passkey challenge' });
  expect(await sendOne(page, asking)).toBe('nothing');
  // Its server can send any `Origin`, and hand over a challenge that is meant for foo's page.
  const challenge = await challengeFor(foo.page, asking);
  const signed = await authenticator.confirming(() => page.evaluate(askForPasskey, challenge));
  const login = jsonRequest(site.sso.origin, { request: 'passkey login', credential: signed as never });
  expect(await sendOne(page, login)).toBe('nothing');
  const relayed = await sendOne(foo.page, login);
  expect(relayed).toMatchObject({ status: 401, body: expect.stringContaining('"invalid-passkey"') });

  const userId = signed.response.userHandle ?? '';
  const made = await authenticator.confirming(() => page.evaluate(makePasskey, userId));
  expect(await authenticator.passkeys(), 'it takes the place of the person’s own').toHaveLength(1);
  await page.evaluate(hidePasskey, made);
  await expect.poll(() => authenticator.passkeys()).toEqual([]);

  expect(await site.changesSince(before)).toEqual([]);
  await foo.signIn(somebody);
});

test('another app’s page gains nothing from a passkey, nor takes it away [T-PASSKEY-01, T-PASSKEY-13]', {
  tag: '@scheme',
}, async ({ account, openTab, site, somebody }) => {
  const authenticator = await account.signInAndAddPasskey(site.sso.origin, somebody);
  // The pages show no sign-in form, whose autofill would ask for a passkey, too.
  const foo = await (await openTab()).open(site.foo.origin);
  await foo.showsSignedIn(somebody);
  const { page } = await account.open(site.lorem.origin);
  await account.showsSignedIn(somebody);
  const before = await site.state();

  const asking = jsonRequest(site.sso.origin, { request: 'passkey challenge' });
  const challenge = await challengeFor(foo.page, asking);
  const signed = await authenticator.confirming(() => page.evaluate(askForPasskey, challenge));
  const login = jsonRequest(site.sso.origin, { request: 'passkey login', credential: signed as never });
  for (const sender of [page, foo.page]) {
    const answer = await sendOne(sender, login);
    expect(answer).toMatchObject({ status: 401, body: expect.stringContaining('"invalid-passkey"') });
  }

  await page.evaluate(hidePasskey, signed.id);
  await expect.poll(() => authenticator.passkeys()).toEqual([]);
  expect(await site.changesSince(before), 'the account keeps its factors').toEqual([]);
  await foo.signOut();
  await foo.signIn(somebody);
});
