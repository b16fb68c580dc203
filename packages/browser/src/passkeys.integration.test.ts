import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Outcome } from './outcome.ts';
import {
  ADA,
  challengeOf,
  GRACE,
  noResponse,
  openPage,
  refusal,
  session,
  sessionOf,
  signedIn,
  signedOut,
} from './page.fixture.ts';

const CREDENTIAL = {
  id: 'Y3JlZA',
  rawId: 'Y3JlZA',
  type: 'public-key',
  response: {
    clientDataJSON: 'e30'.repeat(20),
    authenticatorData: 'AA',
    signature: '0123456789',
    userHandle: 'aA',
  },
};
const WITH_PASSKEY = ['passkey challenge', 'passkey login', 'authentication token', 'POST'];

const pause = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

type Asked = { options: CredentialRequestOptions; answer: (name?: string) => void };

/** A browser with passkeys, whose person decides when the test says so. */
function givenBrowser({ hasAutofill = true } = {}) {
  const asked: Asked[] = [];
  const signal = vi.fn(async () => {});
  let pending = 0;
  const get = (options: CredentialRequestOptions) =>
    new Promise((resolve, reject) => {
      // As browsers do: one request at a time.
      if (pending > 0) return reject(new DOMException('', 'OperationError'));
      pending += 1;
      const settle = (name?: string) => {
        pending -= 1;
        if (name === undefined) resolve({ id: CREDENTIAL.id, toJSON: () => CREDENTIAL });
        else reject(new DOMException('', name));
      };
      // The browser closes its list first.
      options.signal?.addEventListener('abort', () => setTimeout(settle, 200, 'AbortError'));
      asked.push({ options, answer: settle });
    });
  vi.stubGlobal('PublicKeyCredential', {
    parseRequestOptionsFromJSON: (options: object) => options,
    isConditionalMediationAvailable: async () => hasAutofill,
    signalUnknownCredential: signal,
  });
  Object.defineProperty(navigator, 'credentials', { configurable: true, value: { get } });
  onTestFinished(() => {
    Reflect.deleteProperty(navigator, 'credentials');
  });
  const nextAsked = async (count: number): Promise<Asked> => {
    await expect.poll(() => asked.length).toBe(count);
    return asked[count - 1] as Asked;
  };
  return { asked, nextAsked, signal };
}

/** Starts the autofill, and stops it when the test ends. */
function startAutofill({ sso }: Pick<Awaited<ReturnType<typeof openPage>>, 'sso'>) {
  const outcomes: Outcome[] = [];
  const stop = sso.autofillPasskeys((outcome) => outcomes.push(outcome));
  onTestFinished(stop);
  return { outcomes, stop };
}

describe('a sign-in with a passkey', () => {
  it('asks for a challenge, then for the passkey, and takes steps 5, 3 and 4', async () => {
    const page = await openPage();
    const { nextAsked } = givenBrowser();
    const signingIn = page.sso.signInWithPasskey();
    const { options, answer } = await nextAsked(1);
    expect(options).toEqual({
      publicKey: expect.objectContaining({ challenge: 'Y2hhbGxlbmdl', userVerification: 'required' }),
    });
    expect(page.steps(), 'the challenge is no step').toEqual([]);
    answer();
    expect(await signingIn).toEqual(signedIn);
    expect(page.sent).toEqual(WITH_PASSKEY);
    expect(page.steps()).toEqual(['5 done', '3 done', '4 done']);
    expect(JSON.parse(page.requests[1]?.body ?? '')).toEqual({
      request: 'passkey login',
      credential: CREDENTIAL,
    });
    const reported = JSON.stringify(page.reports);
    expect(reported).not.toContain(CREDENTIAL.response.signature);
    expect(reported, 'shortened').not.toContain(CREDENTIAL.response.clientDataJSON);
    expect(reported).toContain(`${CREDENTIAL.response.clientDataJSON.slice(0, 12)}…`);
  });

  it.each([
    ['NotAllowedError', 'passkey-canceled'],
    ['AbortError', 'passkey-canceled'],
    ['OperationError', 'passkey-canceled'],
    ['SecurityError', 'passkey-unavailable'],
    ['NotSupportedError', 'passkey-unavailable'],
  ])('that the browser ends with %s has the outcome %s, and sends no login', async (name, status) => {
    const page = await openPage();
    const { nextAsked } = givenBrowser();
    const signingIn = page.sso.signInWithPasskey();
    (await nextAsked(1)).answer(name);
    expect(await signingIn).toEqual({ status });
    expect(page.sent).toEqual(['passkey challenge']);
  });

  it('is unavailable in a browser that can’t read the options, or without TLS', async () => {
    for (const withoutOptions of [undefined, { isConditionalMediationAvailable: async () => true }]) {
      const page = await openPage();
      vi.stubGlobal('PublicKeyCredential', withoutOptions);
      expect(await page.sso.signInWithPasskey()).toEqual({ status: 'passkey-unavailable' });
      startAutofill(page);
      await page.sso.signInSilently();
      expect(page.sent).not.toContain('passkey challenge');
    }
  });

  it.each([
    ['no response', noResponse, { status: 'sso-unreachable' }],
    ['no challenge', { json: { publicKey: null } }, { status: 'sso-unreachable' }],
    ['a refusal', refusal(503, 'unavailable'), { status: 'refused', step: 5, code: 'unavailable' }],
  ])('ends before anybody is asked, if there is %s', async (_title, response, outcome) => {
    const page = await openPage({ 'passkey challenge': [response] });
    const { asked } = givenBrowser();
    expect(await page.sso.signInWithPasskey()).toEqual(outcome);
    expect(asked).toEqual([]);
  });

  it('tells the browser that a passkey is unknown only if the service says so', async () => {
    for (const [more, signals] of [
      [{ unknown: true }, [[{ rpId: 'example.localhost', credentialId: CREDENTIAL.id }]]],
      [{}, []],
    ] as const) {
      const page = await openPage({ 'passkey login': [refusal(401, 'invalid-passkey', more)] });
      const { nextAsked, signal } = givenBrowser();
      const signingIn = page.sso.signInWithPasskey();
      (await nextAsked(1)).answer();
      expect(await signingIn).toEqual({ status: 'invalid-passkey', ...more });
      expect(signal.mock.calls).toEqual(signals);
    }
  });

  it('is canceled by its signal', async () => {
    const page = await openPage();
    const { nextAsked } = givenBrowser();
    const ending = new AbortController();
    const signingIn = page.sso.signInWithPasskey(ending.signal);
    await nextAsked(1);
    ending.abort();
    expect(await signingIn).toEqual({ status: 'passkey-canceled' });
  });

  it('ignores an argument that isn’t a signal, such as the event of a click', async () => {
    const page = await openPage();
    const { nextAsked } = givenBrowser();
    const signingIn = (page.sso.signInWithPasskey as (event: unknown) => Promise<Outcome>)(
      new Event('click'),
    );
    const { options, answer } = await nextAsked(1);
    expect(options).not.toHaveProperty('signal');
    answer();
    expect(await signingIn).toEqual(signedIn);
  });

  it('is canceled if the browser’s dialog is open already, and the dialog stays', async () => {
    const page = await openPage();
    const { nextAsked } = givenBrowser();
    const signingIn = page.sso.signInWithPasskey();
    const { answer } = await nextAsked(1);
    expect(await page.sso.signInWithPasskey()).toEqual({ status: 'passkey-canceled' });
    answer();
    expect(await signingIn).toEqual(signedIn);
  });

  it('lets other flows go on while the person decides', async () => {
    const page = await openPage();
    const { nextAsked } = givenBrowser();
    const signingIn = page.sso.signInWithPasskey();
    const { answer } = await nextAsked(1);
    expect(await page.sso.signInSilently()).toEqual(signedIn);
    answer();
    expect(await signingIn).toEqual(signedIn);
  });
});

describe('the autofill', () => {
  it('offers passkeys, signs in with the one that is picked, and is then over', async () => {
    const page = await openPage();
    const { nextAsked, asked } = givenBrowser();
    const { outcomes } = startAutofill(page);
    const { options, answer } = await nextAsked(1);
    expect(options).toMatchObject({ mediation: 'conditional', publicKey: { allowCredentials: [] } });
    answer();
    await expect.poll(() => outcomes).toEqual([signedIn]);
    await pause(1500);
    expect(page.sent).toEqual(WITH_PASSKEY);
    expect(asked).toHaveLength(1);
  });

  it('does nothing in a browser without it', async () => {
    const page = await openPage();
    const { asked } = givenBrowser({ hasAutofill: false });
    startAutofill(page);
    await page.sso.signInSilently();
    expect(page.sent).not.toContain('passkey challenge');
    expect(asked).toEqual([]);
  });

  it('ends when it is stopped', async () => {
    const page = await openPage();
    const { nextAsked } = givenBrowser();
    const { stop, outcomes } = startAutofill(page);
    const { options } = await nextAsked(1);
    stop();
    expect(options.signal?.aborted).toBe(true);
    expect(outcomes).toEqual([]);
  });

  it('is ended for a click, and offered again after that, with its own challenge', async () => {
    const challenges = ['YXV0b2ZpbGw', 'Y2xpY2s'].map((text) => challengeOf(text));
    const page = await openPage({ 'passkey challenge': challenges });
    const { nextAsked } = givenBrowser();
    startAutofill(page);
    const offered = await nextAsked(1);
    const signingIn = page.sso.signInWithPasskey();
    const clicked = await nextAsked(2);
    await pause(100);
    expect(page.sent, 'no other challenge, meanwhile').toHaveLength(2);
    expect(offered.options.signal?.aborted).toBe(true);
    expect(clicked.options).toMatchObject({ publicKey: { challenge: 'Y2xpY2s' } });
    expect(clicked.options.mediation).toBeUndefined();
    clicked.answer('NotAllowedError');
    expect(await signingIn).toEqual({ status: 'passkey-canceled' });
    const again = await nextAsked(3);
    const publicKey = { challenge: 'YXV0b2ZpbGw' };
    expect(again.options).toMatchObject({ mediation: 'conditional', publicKey });
    expect(page.sent).toEqual(['passkey challenge', 'passkey challenge']);
  });

  it('is over after a sign-in by a click, even while the page still shows its form', async () => {
    const page = await openPage();
    const { nextAsked, asked } = givenBrowser();
    const { outcomes } = startAutofill(page);
    await nextAsked(1);
    const signingIn = page.sso.signInWithPasskey();
    (await nextAsked(2)).answer();
    expect(await signingIn).toEqual(signedIn);
    await pause(300);
    expect(asked).toHaveLength(2);
    expect(outcomes).toEqual([]);
    await page.sso.signOut();
    startAutofill(page);
    expect((await nextAsked(3)).options.mediation, 'the next form has its own').toBe('conditional');
  });

  it('isn’t offered while the dialog of an earlier click is open', async () => {
    const page = await openPage();
    const { nextAsked } = givenBrowser();
    const get = vi.spyOn(navigator.credentials, 'get');
    startAutofill(page);
    await nextAsked(1);
    const clicks = [page.sso.signInWithPasskey(), page.sso.signInWithPasskey()];
    const { answer } = await nextAsked(2);
    const canceled = { status: 'passkey-canceled' };
    expect(await Promise.race(clicks), 'one finds the dialog of the other').toEqual(canceled);
    await pause(300);
    expect(get.mock.calls.map(([how]) => how?.mediation)).toEqual(['conditional', undefined, undefined]);
    answer('NotAllowedError');
    expect(await Promise.all(clicks)).toEqual([canceled, canceled]);
    expect((await nextAsked(3)).options.mediation).toBe('conditional');
  });

  it('isn’t offered over the dialog of a click that came before the autofill had its challenge', async () => {
    const { promise: after, resolve: respond } = Promise.withResolvers<void>();
    const challenges = [{ ...challengeOf('YXV0b2ZpbGw'), after }, challengeOf('Y2xpY2s')];
    const page = await openPage({ 'passkey challenge': challenges });
    const { nextAsked } = givenBrowser();
    const get = vi.spyOn(navigator.credentials, 'get');
    startAutofill(page);
    await expect.poll(() => page.requests).toHaveLength(1);
    const signingIn = page.sso.signInWithPasskey();
    const { answer } = await nextAsked(1);
    respond();
    await pause(300);
    expect(get.mock.calls.map(([how]) => how?.mediation)).toEqual([undefined]);
    answer('NotAllowedError');
    expect(await signingIn).toEqual({ status: 'passkey-canceled' });
    expect((await nextAsked(2)).options.mediation).toBe('conditional');
  });

  it('is offered again with the same challenge, if the browser has ended it', async () => {
    const page = await openPage();
    const { nextAsked } = givenBrowser();
    startAutofill(page);
    (await nextAsked(1)).answer('NotAllowedError');
    await nextAsked(2);
    expect(page.sent).toEqual(['passkey challenge']);
  });

  it('is to renew the challenge of 5 minutes at three quarters of its life', async () => {
    const page = await openPage();
    const { nextAsked } = givenBrowser();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    startAutofill(page);
    await nextAsked(1);
    const delaysMs = timers.mock.calls.map(([, delayMs = 0]) => delayMs);
    expect(delaysMs.filter((delayMs) => delayMs > 200_000 && delayMs <= 225_000)).toHaveLength(1);
  });

  it('is offered again with a new challenge before the old one expires', async () => {
    const page = await openPage({ 'passkey challenge': [challengeOf('b2xk', 400), challengeOf('bmV3')] });
    const { nextAsked } = givenBrowser();
    startAutofill(page);
    await nextAsked(1);
    const { options } = await nextAsked(2);
    expect(options).toMatchObject({ publicKey: { challenge: 'bmV3' } });
  });

  it('renews nothing while the tab is hidden, and at once when it is shown', async () => {
    const page = await openPage({ 'passkey challenge': [challengeOf('b2xk', 100), challengeOf('bmV3')] });
    const { nextAsked, asked } = givenBrowser();
    startAutofill(page);
    const { options } = await nextAsked(1);
    page.setVisibility('hidden');
    await expect.poll(() => options.signal?.aborted).toBe(true);
    await pause(500);
    expect(page.sent).toEqual(['passkey challenge']);
    page.setVisibility('visible');
    await nextAsked(2);
    expect(asked[1]?.options).toMatchObject({ publicKey: { challenge: 'bmV3' } });
  });

  it('is offered again after a refusal, and after the service was down', async () => {
    const page = await openPage({
      'passkey challenge': [noResponse, challengeOf('b25l'), challengeOf('dHdv')],
      'passkey login': [refusal(401, 'invalid-passkey')],
    });
    const { nextAsked } = givenBrowser();
    const { outcomes } = startAutofill(page);
    (await nextAsked(1)).answer();
    await expect.poll(() => outcomes).toEqual([{ status: 'invalid-passkey' }]);
    expect((await nextAsked(2)).options).toMatchObject({ publicKey: { challenge: 'dHdv' } });
  });
});

it('a passkey steps up the account that the page shows, whose app session goes on', async () => {
  const page = await openPage();
  const { nextAsked } = givenBrowser();
  await page.sso.signInWithPassword(ADA.username, 'a password');
  const signingIn = page.sso.signInWithPasskey();
  (await nextAsked(1)).answer();
  expect(await signingIn).toEqual(signedIn);
  expect(page.sent.slice(3)).toEqual(WITH_PASSKEY);
});

describe('a step-up with a passkey [T-PASSKEY-13]', () => {
  it('takes steps 5, 3 and 4 if it is a passkey of the account that the page shows', async () => {
    const page = await openPage({ GET: [session] });
    await page.sso.signInSilently();
    page.sent.length = 0;
    const { nextAsked } = givenBrowser();
    const steppingUp = page.sso.stepUp({ passkey: true });
    (await nextAsked(1)).answer();
    expect(await steppingUp).toEqual(signedIn);
    expect(page.sent).toEqual(WITH_PASSKEY);
  });

  it('refuses a passkey of another account: no token is issued, and both sessions end', async () => {
    const page = await openPage({ GET: [session], 'passkey login': [sessionOf(GRACE)] });
    await page.sso.signInSilently();
    page.sent.length = 0;
    const { nextAsked } = givenBrowser();
    const steppingUp = page.sso.stepUp({ passkey: true });
    (await nextAsked(1)).answer();
    const outcome = await steppingUp;
    expect(outcome, 'nothing about the other account').toEqual({ status: 'another-account' });
    expect(page.sent.slice(0, 2)).toEqual(['passkey challenge', 'passkey login']);
    expect(page.sent.slice(2).toSorted()).toEqual(['DELETE', 'logout']);
    expect(JSON.stringify(page.reports)).not.toContain(GRACE.displayName);
    expect(await page.sso.stepUp({ passkey: true }), 'the page shows nobody').toEqual(signedOut);
  });

  it.each([
    ['the SSO service', { logout: [noResponse] }],
    ['the app', { DELETE: [noResponse] }],
  ])('refuses it also if %s doesn’t respond, and the next flow ends the sessions first', async (_, down) => {
    const page = await openPage({ GET: [session], 'passkey login': [sessionOf(GRACE)], ...down });
    await page.sso.signInSilently();
    const { nextAsked } = givenBrowser();
    const steppingUp = page.sso.stepUp({ passkey: true });
    (await nextAsked(1)).answer();
    expect(await steppingUp).toEqual({ status: 'another-account' });
    page.sent.length = 0;
    await page.sso.signInSilently();
    expect(page.sent.slice(0, 2).toSorted()).toEqual(['DELETE site', 'logout']);
  });
});
