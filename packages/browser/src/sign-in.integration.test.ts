import { describe, expect, it } from 'vitest';
import { ACCOUNT, type Answer, APP, openPage, refusal, SSO, TOKEN } from './page.fixture.ts';

const PASSWORD = 'correct horse battery staple';
const signedIn = { status: 'signed in', account: ACCOUNT };
const signedOut: Answer = { json: { status: 'signed out' } };
const html: Answer = { html: '<!doctype html><title>A proxy</title>' };

describe('signing in', () => {
  it('takes step 1 alone where an app session lives, and says that the others are skipped', async () => {
    const { sso, asked, steps } = await openPage({ GET: [{ json: signedIn }] });
    expect(await sso.signIn()).toEqual(signedIn);
    expect(asked).toEqual(['GET']);
    expect(steps()).toEqual(['1 done', '2 skipped', '5 skipped', '3 skipped', '4 skipped']);
  });

  it('takes steps 1 to 4 where only the SSO session lives, and skips 5: nobody types a password', async () => {
    const { sso, asked, steps } = await openPage();
    expect(await sso.signIn()).toEqual(signedIn);
    expect(asked).toEqual(['GET', 'login status', 'authentication token', 'POST']);
    expect(steps()).toEqual(['1 done', '2 done', '5 skipped', '3 done', '4 done']);
  });

  it('wants a password after steps 1 and 2 where nobody is signed in', async () => {
    const { sso, asked, steps } = await openPage({ 'login status': [signedOut] });
    expect(await sso.signIn()).toEqual({ status: 'password wanted' });
    expect(asked).toEqual(['GET', 'login status']);
    expect(steps()).toEqual(['1 done', '2 done']);
  });

  it('with a password takes step 5, then 3 and 4', async () => {
    const { sso, asked, requests, steps } = await openPage();
    expect(await sso.logIn('ada', PASSWORD)).toEqual(signedIn);
    expect(asked).toEqual(['login', 'authentication token', 'POST']);
    expect(steps()).toEqual(['5 done', '3 done', '4 done']);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      request: 'login',
      username: 'ada',
      password: PASSWORD,
    });
  });

  it('gives the token of step 3 to the app, and to nobody else', async () => {
    const { sso, requests } = await openPage();
    await sso.signIn();
    const holding = requests.filter(({ body }) => body.includes(TOKEN));
    expect(holding).toEqual([
      expect.objectContaining({ origin: APP, url: '/session', body: `{"token":"${TOKEN}"}` }),
    ]);
  });

  it('asks the SSO service at one address, with no header but the one that its preflight allows', async () => {
    const { sso, requests } = await openPage();
    await sso.logIn('ada', PASSWORD);
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

it('an app that has moved its paths is asked there, and the SSO service where it was', async () => {
  const { sso, sent } = await openPage({}, { basePath: '/api/v1' });
  await sso.signIn();
  await sso.signOut();
  expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
    `GET ${APP}/api/v1/session`,
    `POST ${SSO}/`,
    `POST ${SSO}/`,
    `POST ${APP}/api/v1/session`,
    `POST ${SSO}/`,
    `DELETE ${APP}/api/v1/session?scope=site`,
  ]);
});

describe('a document that the back button opened', () => {
  const opening = 'back_forward';

  it('asks the SSO service although an app session lives, since the person may have signed out elsewhere', async () => {
    const answers = { GET: [{ json: signedIn }], 'login status': [signedOut] };
    const { sso, asked } = await openPage(answers, { opening });
    expect(await sso.signIn()).toEqual({ status: 'password wanted' });
    expect(asked).toEqual(['GET', 'login status', 'DELETE']);
  });

  it('shows whoever is signed in still', async () => {
    const { sso, asked } = await openPage({ GET: [{ json: signedIn }] }, { opening });
    expect(await sso.signIn()).toEqual(signedIn);
    expect(asked).toEqual(['GET', 'login status']);
  });
});

it('a document that was opened in any other way takes step 1 alone', async () => {
  for (const opening of ['navigate', 'reload', 'prerender']) {
    const { sso, asked } = await openPage({ GET: [{ json: signedIn }] }, { opening });
    await sso.signIn();
    expect(asked).toEqual(['GET']);
  }
});

describe('a refusal', () => {
  it('of a wrong password is the person’s to mend', async () => {
    const { sso, asked } = await openPage({ login: [refusal(401, 'invalid-credentials')] });
    expect(await sso.logIn('ada', 'wrong')).toEqual({
      status: 'refused',
      step: 5,
      code: 'invalid-credentials',
    });
    expect(asked).toEqual(['login']);
  });

  it.each(['too-many-attempts', 'overloaded'])('%s says how long to wait', async (code) => {
    const { sso } = await openPage({ login: [refusal(429, code, { retryAfterSeconds: 17 })] });
    expect(await sso.logIn('ada', PASSWORD)).toEqual({
      status: 'refused',
      step: 5,
      code,
      retryAfterSeconds: 17,
    });
  });

  it('of a token because the SSO session ended meanwhile wants a password', async () => {
    const { sso, steps } = await openPage({ 'authentication token': [refusal(401, 'not-signed-in')] });
    expect(await sso.signIn()).toEqual({ status: 'password wanted' });
    expect(steps().at(-1)).toBe('3 refused');
  });

  it.each([
    ['login status', 2, 403, 'origin-not-allowed'],
    ['login status', 2, 503, 'unavailable'],
    ['authentication token', 3, 500, 'internal-error'],
    ['GET', 1, 503, 'unavailable'],
    ['POST', 4, 403, 'origin-not-allowed'],
  ] as const)('of %s names step %d and its code', async (question, step, status, code) => {
    const { sso, asked, steps } = await openPage({ [question]: [refusal(status, code)] });
    expect(await sso.signIn()).toEqual({ status: 'refused', step, code });
    expect(asked.at(-1)).toBe(question);
    expect(steps().at(-1)).toBe(`${step} refused`);
  });
});

describe('a token that the app refuses', () => {
  const invalid = refusal(401, 'invalid-token');

  it('is followed by one more from step 3, since a login in another tab may have ended its session', async () => {
    const { sso, asked } = await openPage({ POST: [invalid, { status: 201, json: signedIn }] });
    expect(await sso.signIn()).toEqual(signedIn);
    expect(asked.slice(2)).toEqual(['authentication token', 'POST', 'authentication token', 'POST']);
  });

  it('is followed by no third', async () => {
    const { sso, asked } = await openPage({ POST: [invalid] });
    expect(await sso.signIn()).toEqual({ status: 'refused', step: 4, code: 'invalid-token' });
    expect(asked.slice(2)).toEqual(['authentication token', 'POST', 'authentication token', 'POST']);
  });

  it('is followed by one more after a login too', async () => {
    const { sso, asked } = await openPage({ POST: [invalid, { status: 201, json: signedIn }] });
    expect(await sso.logIn('ada', PASSWORD)).toEqual(signedIn);
    expect(asked).toEqual(['login', 'authentication token', 'POST', 'authentication token', 'POST']);
  });
});

/** Ways of a server to give no answer that makes sense. */
const SILENCES: [how: string, answer: Answer][] = [
  ['hangs up', { hangUp: true }],
  ['answers a page', html],
  ['answers a page with an error', { status: 502, ...html }],
  ['redirects', { redirect: '/elsewhere' }],
  ['answers nothing', { html: '' }],
  ['answers an error that is no problem of the contract', { status: 502, json: { message: 'Bad gateway' } }],
  ['answers an error that is null', { status: 502, json: null }],
];

describe.each(SILENCES)('a server that %s', (_how, silence) => {
  it('at step 1 is an app that cannot be reached', async () => {
    const { sso, asked } = await openPage({ GET: [silence] });
    expect(await sso.signIn()).toEqual({ status: 'app unreachable' });
    expect(asked).toEqual(['GET']);
  });

  it('at step 4 is an app that cannot be reached, and step 3 is not taken again', async () => {
    const { sso, asked } = await openPage({ POST: [silence] });
    expect(await sso.signIn()).toEqual({ status: 'app unreachable' });
    expect(asked.at(-1)).toBe('POST');
    expect(asked).toHaveLength(4);
  });

  it.each(['login status', 'authentication token'] as const)(
    'at "%s" is an SSO service that cannot be reached',
    async (question) => {
      const { sso, asked } = await openPage({ [question]: [silence] });
      expect(await sso.signIn()).toEqual({ status: 'SSO service unreachable' });
      expect(asked.at(-1)).toBe(question);
    },
  );

  it('at step 5 is an SSO service that cannot be reached', async () => {
    const { sso, asked } = await openPage({ login: [silence] });
    expect(await sso.logIn('ada', PASSWORD)).toEqual({ status: 'SSO service unreachable' });
    expect(asked).toEqual(['login']);
  });
});

describe.each([{ json: null }, { json: {} }, { json: [] }, { json: 'signed in' }])(
  'an answer of another form, %j,',
  (nonsense) => {
    it('at step 1 or 4 signs nobody in: the app cannot be reached', async () => {
      for (const question of ['GET', 'POST']) {
        const { sso } = await openPage({ [question]: [nonsense] });
        expect(await sso.signIn()).toEqual({ status: 'app unreachable' });
      }
    });

    it('at step 3 is no token: the SSO service cannot be reached, and the app is not asked', async () => {
      const { sso, asked } = await openPage({ 'authentication token': [nonsense] });
      expect(await sso.signIn()).toEqual({ status: 'SSO service unreachable' });
      expect(asked).not.toContain('POST');
    });

    it('at any step makes no function reject', async () => {
      for (const question of [
        'GET',
        'login status',
        'authentication token',
        'POST',
        'login',
        'logout',
        'DELETE site',
      ]) {
        const { sso } = await openPage({ [question]: [nonsense] });
        const flows = await Promise.allSettled([sso.signIn(), sso.logIn('ada', PASSWORD), sso.signOut()]);
        expect(flows.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
      }
    });
  },
);

describe('an app that cannot reach the SSO service at step 4', () => {
  it('means that the SSO service is unreachable, and no other token is asked for', async () => {
    const { sso, asked, steps } = await openPage({ POST: [refusal(503, 'sso-unavailable')] });
    expect(await sso.signIn()).toEqual({ status: 'SSO service unreachable' });
    expect(asked.slice(2)).toEqual(['authentication token', 'POST']);
    expect(steps().at(-1)).toBe('4 refused');
  });
});

describe('two flows at once', () => {
  it('run one after the other', async () => {
    const gate = Promise.withResolvers<void>();
    const { sso, asked } = await openPage({ GET: [{ after: gate.promise, ...signedOut }] });
    const flows = [sso.signIn(), sso.confirm(ACCOUNT), sso.logIn('ada', PASSWORD)];
    await expect.poll(() => asked).toEqual(['GET']);
    gate.resolve();
    expect(await Promise.all(flows)).toEqual([signedIn, signedIn, signedIn]);
    expect(asked).toEqual([
      ...['GET', 'login status', 'authentication token', 'POST'],
      ...['login status', 'authentication token', 'POST'],
      ...['login', 'authentication token', 'POST'],
    ]);
  });

  it('of two tabs run one after the other', async () => {
    const { sso, otherTab, asked } = await openPage();
    await Promise.all([sso.logIn('ada', PASSWORD), otherTab.logIn('ada', PASSWORD)]);
    const login = ['login', 'authentication token', 'POST'];
    expect(asked).toEqual([...login, ...login]);
  });

  it('do not wait for ever for one that failed', async () => {
    const { sso } = await openPage({ GET: [{ hangUp: true }, { json: signedIn }] });
    const [failed, next] = await Promise.all([sso.signIn(), sso.signIn()]);
    expect([failed, next]).toEqual([{ status: 'app unreachable' }, signedIn]);
  });
});
