import { describe, expect, it } from 'vitest';
import {
  ADA,
  APP,
  type FakeResponse,
  noResponse,
  noSession,
  openPage,
  PASSWORD,
  refusal,
  SSO,
  session,
  signedIn,
  signedOut,
  TOKEN,
} from './page.fixture.ts';

const html: FakeResponse = { html: '<!doctype html><title>A proxy</title>' };

describe('signing in', () => {
  it('takes only step 1 if there is an app session, and reports the other steps as skipped', async () => {
    const { sso, sent, steps } = await openPage({ GET: [session] });
    expect(await sso.signInSilently()).toEqual(signedIn);
    expect(sent).toEqual(['GET']);
    expect(steps()).toEqual(['1 done', '2 skipped', '5 skipped', '3 skipped', '4 skipped']);
  });

  it('takes steps 1 to 4 if there is only an SSO session, and skips step 5', async () => {
    const { sso, sent, steps } = await openPage();
    expect(await sso.signInSilently()).toEqual(signedIn);
    expect(sent).toEqual(['GET', 'login status', 'authentication token', 'POST']);
    expect(steps()).toEqual(['1 done', '2 done', '5 skipped', '3 done', '4 done']);
  });

  it('ends signed out after steps 1 and 2 if there is no session', async () => {
    const { sso, sent, steps } = await openPage({ 'login status': [noSession] });
    expect(await sso.signInSilently()).toEqual(signedOut);
    expect(sent).toEqual(['GET', 'login status']);
    expect(steps()).toEqual(['1 done', '2 done']);
  });

  it('with a password takes steps 5, 3 and 4', async () => {
    const { sso, sent, requests, steps } = await openPage();
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual(signedIn);
    expect(sent).toEqual(['login', 'authentication token', 'POST']);
    expect(steps()).toEqual(['5 done', '3 done', '4 done']);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      request: 'login',
      username: 'ada',
      password: PASSWORD,
    });
  });

  it('sends the token of step 3 to the app, and to nobody else', async () => {
    const { sso, requests } = await openPage();
    await sso.signInSilently();
    const holding = requests.filter(({ body }) => body.includes(TOKEN));
    expect(holding).toEqual([
      expect.objectContaining({ origin: APP, url: '/session', body: `{"token":"${TOKEN}"}` }),
    ]);
  });

  it('sends SSO requests to one URL, with no header beyond those that the preflight allows', async () => {
    const { sso, requests } = await openPage();
    await sso.signInWithPassword('ada', PASSWORD);
    const crossOrigin = requests.filter(({ origin }) => origin === SSO);
    expect(crossOrigin.map(({ url }) => url)).toEqual(['/', '/']);
    for (const { headers } of crossOrigin) {
      expect(headers['content-type']).toBe('application/json');
      expect(
        Object.keys(headers).filter((name) => /^(x-|authorization|cache-control|pragma)/.test(name)),
      ).toEqual([]);
    }
  });
});

it('basePath moves the requests to the app, and not those to the SSO service', async () => {
  const { sso, fetched } = await openPage({}, { basePath: '/api/v1' });
  await sso.signInSilently();
  await sso.signOut();
  expect(fetched.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `GET ${APP}/api/v1/session`,
    `POST ${SSO}/`,
    `POST ${SSO}/`,
    `POST ${APP}/api/v1/session`,
    `POST ${SSO}/`,
    `DELETE ${APP}/api/v1/session?scope=site`,
  ]);
});

describe('a document that the back button opened', () => {
  const navigation = 'back_forward';

  it('asks the SSO service despite an app session: the person may have signed out elsewhere', async () => {
    const responses = { GET: [session], 'login status': [noSession] };
    const { sso, sent } = await openPage(responses, { navigation });
    expect(await sso.signInSilently()).toEqual(signedOut);
    expect(sent).toEqual(['GET', 'login status', 'DELETE']);
  });

  it('shows the account that is still signed in', async () => {
    const { sso, sent } = await openPage({ GET: [session] }, { navigation });
    expect(await sso.signInSilently()).toEqual(signedIn);
    expect(sent).toEqual(['GET', 'login status']);
  });
});

it('a document that was opened in any other way takes only step 1 if there is an app session', async () => {
  for (const navigation of ['navigate', 'reload', 'prerender']) {
    const { sso, sent } = await openPage({ GET: [session] }, { navigation });
    await sso.signInSilently();
    expect(sent).toEqual(['GET']);
  }
});

describe('a refusal', () => {
  it('of a wrong password has an outcome of its own', async () => {
    const { sso, sent } = await openPage({ login: [refusal(401, 'invalid-credentials')] });
    expect(await sso.signInWithPassword('ada', 'wrong')).toEqual({ status: 'invalid-credentials' });
    expect(sent).toEqual(['login']);
  });

  it.each([
    ['too-many-attempts', { status: 'too-many-attempts' }],
    ['overloaded', { status: 'refused', step: 5, code: 'overloaded' }],
  ])('%s says how long to wait', async (code, outcome) => {
    const { sso } = await openPage({ login: [refusal(429, code, { retryAfterSeconds: 17 })] });
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual({ ...outcome, retryAfterSeconds: 17 });
  });

  it('of a token because the SSO session has ended means signed out', async () => {
    const { sso, steps } = await openPage({ 'authentication token': [refusal(401, 'not-signed-in')] });
    expect(await sso.signInSilently()).toEqual(signedOut);
    expect(steps().at(-1)).toBe('3 refused');
  });

  it.each([
    ['login status', 2, 403, 'origin-not-allowed'],
    ['login status', 2, 503, 'unavailable'],
    ['authentication token', 3, 500, 'internal-error'],
    ['GET', 1, 503, 'unavailable'],
    ['POST', 4, 403, 'origin-not-allowed'],
  ] as const)('of %s names step %d and the problem code', async (request, step, status, code) => {
    const responses = { [request]: [refusal(status, code)] };
    const { sso, sent, steps } = await openPage(responses, { wasSignedIn: true });
    expect(await sso.signInSilently()).toEqual({ status: 'refused', step, code });
    expect(sent.at(-1)).toBe(request);
    expect(steps().at(-1)).toBe(`${step} refused`);
  });
});

describe('a token that the app refuses', () => {
  const invalid = refusal(401, 'invalid-token');

  it('is replaced once, since a login in another tab may have ended its SSO session', async () => {
    const { sso, sent } = await openPage({ POST: [invalid, { status: 201, ...session }] });
    expect(await sso.signInSilently()).toEqual(signedIn);
    expect(sent.slice(2)).toEqual(['authentication token', 'POST', 'authentication token', 'POST']);
  });

  it('isn’t replaced a second time', async () => {
    const { sso, sent } = await openPage({ POST: [invalid] });
    expect(await sso.signInSilently()).toEqual({ status: 'refused', step: 4, code: 'invalid-token' });
    expect(sent.slice(2)).toEqual(['authentication token', 'POST', 'authentication token', 'POST']);
  });

  it('is replaced once after a password, too', async () => {
    const { sso, sent } = await openPage({ POST: [invalid, { status: 201, ...session }] });
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual(signedIn);
    expect(sent).toEqual(['login', 'authentication token', 'POST', 'authentication token', 'POST']);
  });
});

/** How a server can fail to send a valid response. */
const INVALID_RESPONSES: [how: string, response: FakeResponse][] = [
  ['hangs up', noResponse],
  ['sends HTML', html],
  ['sends HTML with an error status', { status: 502, ...html }],
  ['redirects', { redirect: '/elsewhere' }],
  ['sends an empty body', { html: '' }],
  ['sends an error that isn’t a problem of the contract', { status: 502, json: { message: 'Bad gateway' } }],
  ['sends an error that is null', { status: 502, json: null }],
];

describe.each(INVALID_RESPONSES)('a server that %s', (_how, response) => {
  it('at step 1 makes the app unreachable', async () => {
    const { sso, sent } = await openPage({ GET: [response] });
    expect(await sso.signInSilently()).toEqual({ status: 'app-unreachable' });
    expect(sent).toEqual(['GET', 'login status']);
  });

  it('at step 4 makes the app unreachable, and step 3 isn’t repeated', async () => {
    const { sso, sent } = await openPage({ POST: [response] });
    expect(await sso.signInSilently()).toEqual({ status: 'app-unreachable' });
    expect(sent.at(-1)).toBe('POST');
    expect(sent).toHaveLength(4);
  });

  it.each(['login status', 'authentication token'] as const)(
    'at "%s" makes the SSO service unreachable',
    async (request) => {
      const { sso, sent } = await openPage({ [request]: [response] });
      expect(await sso.signInSilently()).toEqual({ status: 'sso-unreachable' });
      expect(sent.at(-1)).toBe(request);
    },
  );

  it('at step 5 makes the SSO service unreachable', async () => {
    const { sso, sent } = await openPage({ login: [response] });
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual({ status: 'sso-unreachable' });
    expect(sent).toEqual(['login']);
  });
});

const INVALID_BODIES: unknown[] = [
  ...[null, {}, [], 'signed in', { status: 'signed in' }, { status: 'signed in', account: null }],
  ...Object.keys(ADA).map((member) => ({ status: 'signed in', account: { ...ADA, [member]: 7 } })),
  ...[{ token: TOKEN }, { token: 7, expiresIn: 30 }, { token: null, expiresIn: 30 }],
];

describe.each(INVALID_BODIES.map((json) => ({ json })))('an invalid response, %j,', ({ json }) => {
  it('at step 1 or 4 signs nobody in and makes the app unreachable', async () => {
    for (const request of ['GET', 'POST']) {
      const { sso } = await openPage({ [request]: [{ json }] });
      expect(await sso.signInSilently()).toEqual({ status: 'app-unreachable' });
    }
  });

  it('at step 3 makes the SSO service unreachable, and the app gets no request', async () => {
    const { sso, sent } = await openPage({ 'authentication token': [{ json }] });
    expect(await sso.signInSilently()).toEqual({ status: 'sso-unreachable' });
    expect(sent).not.toContain('POST');
  });

  it('at any step makes no function reject', async () => {
    const requests = [
      'GET',
      'login status',
      'authentication token',
      'POST',
      'login',
      'logout',
      'DELETE site',
    ];
    for (const request of requests) {
      const { sso } = await openPage({ [request]: [{ json }] });
      const flows = [sso.signInSilently(), sso.signInWithPassword('ada', PASSWORD), sso.signOut()];
      const results = await Promise.allSettled(flows);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    }
  });
});

describe('an app that can’t reach the SSO service at step 4', () => {
  it('makes the SSO service unreachable, and no other token is requested', async () => {
    const { sso, sent, steps } = await openPage({ POST: [refusal(503, 'sso-unavailable')] });
    expect(await sso.signInSilently()).toEqual({ status: 'sso-unreachable' });
    expect(sent.slice(2)).toEqual(['authentication token', 'POST']);
    expect(steps().at(-1)).toBe('4 refused');
  });
});

describe('two flows at once', () => {
  it('run one after the other', async () => {
    const gate = Promise.withResolvers<void>();
    const { sso, sent } = await openPage({ GET: [{ after: gate.promise, ...noSession }] });
    const flows = [sso.signInSilently(), sso.confirm(ADA), sso.signInWithPassword('ada', PASSWORD)];
    await expect.poll(() => sent).toEqual(['GET', 'login status']);
    gate.resolve();
    expect(await Promise.all(flows)).toEqual([signedIn, signedIn, signedIn]);
    expect(sent).toEqual([
      ...['GET', 'login status', 'authentication token', 'POST'],
      ...['login status', 'authentication token', 'POST'],
      ...['login', 'authentication token', 'POST'],
    ]);
  });

  it('of two tabs run one after the other', async () => {
    const { sso, otherTab, sent } = await openPage();
    await Promise.all([
      sso.signInWithPassword('ada', PASSWORD),
      otherTab.signInWithPassword('ada', PASSWORD),
    ]);
    const login = ['login', 'authentication token', 'POST'];
    expect(sent).toEqual([...login, ...login]);
  });

  it('run although the first one failed', async () => {
    const { sso } = await openPage({ GET: [noResponse, session] });
    const [failed, next] = await Promise.all([sso.signInSilently(), sso.signInSilently()]);
    expect([failed, next]).toEqual([{ status: 'app-unreachable' }, signedIn]);
  });
});
