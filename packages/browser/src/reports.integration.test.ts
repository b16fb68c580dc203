/** What a watcher is told of each step. */
import { describe, expect, it } from 'vitest';
import { ACCOUNT, APP, openPage, refusal, SSO, TOKEN } from './page.fixture.ts';

const PASSWORD = 'correct horse battery staple';

describe('the reports of the steps', () => {
  it('tell of each step that it is pending, then what came of it, how it was asked, and how long it took', async () => {
    const { sso, reports } = await openPage();
    await sso.logIn('ada', PASSWORD);
    expect(reports.map(({ step, state }) => `${step} ${state}`)).toEqual([
      ...['5 pending', '5 done', '3 pending', '3 done', '4 pending', '4 done'],
    ]);
    const requests = reports.filter(({ state }) => state === 'done').map(({ request }) => request);
    expect(requests.map((request) => [request?.method, request?.origin, request?.path])).toEqual([
      ['POST', SSO, '/'],
      ['POST', SSO, '/'],
      ['POST', APP, '/session'],
    ]);
    for (const { state, status, milliseconds, why } of reports) {
      expect(why).not.toBe('');
      expect(status).toEqual(state === 'done' ? expect.any(Number) : undefined);
      expect(milliseconds).toEqual(state === 'done' ? expect.any(Number) : undefined);
    }
  });

  it('hold no password and no whole token, at any step and however it ends', async () => {
    for (const POST of [
      { status: 201, json: { status: 'signed in', account: ACCOUNT } },
      refusal(401, 'invalid-token'),
      { hangUp: true },
    ]) {
      const { sso, reports } = await openPage({ POST: [POST] });
      await sso.logIn('ada', PASSWORD);
      await sso.signIn();
      const told = JSON.stringify(reports);
      expect(told).toContain('"step":4');
      for (const secret of [PASSWORD, 'horse', TOKEN, ...TOKEN.split('.').slice(1), 'cccc', 'ssss']) {
        expect(told).not.toContain(secret);
      }
    }
  });

  it('hold no password when it is refused or nobody answers', async () => {
    for (const login of [refusal(401, 'invalid-credentials'), { hangUp: true }]) {
      const { sso, reports } = await openPage({ login: [login] });
      await sso.logIn('ada', PASSWORD);
      expect(JSON.stringify(reports)).not.toContain('horse');
    }
  });

  it('show the body of step 5 with the password masked, and of step 4 how the token begins', async () => {
    const { sso, reports } = await openPage();
    await sso.logIn('ada', PASSWORD);
    const bodyOf = (step: number) => reports.find((report) => report.step === step)?.request?.body ?? '';
    expect(JSON.parse(bodyOf(5))).toEqual({ request: 'login', username: 'ada', password: '••••••••' });
    expect(JSON.parse(bodyOf(4))).toEqual({ token: `${TOKEN.slice(0, 12)}…` });
  });

  it('mask a password of any length alike', async () => {
    const bodies: (string | undefined)[] = [];
    for (const password of ['short', 'a much longer password than that']) {
      const { sso, reports } = await openPage();
      await sso.logIn('ada', password);
      bodies.push(reports[0]?.request?.body);
    }
    expect(bodies[0]).toBe(bodies[1]);
  });

  it('tell a refusal with its code and status, and silence without one', async () => {
    const refused = await openPage({ login: [refusal(429, 'too-many-attempts', { retryAfterSeconds: 9 })] });
    await refused.sso.logIn('ada', PASSWORD);
    expect(refused.reports.at(-1)).toMatchObject({
      step: 5,
      state: 'refused',
      why: 'too-many-attempts',
      status: 429,
    });
    const silent = await openPage({ GET: [{ hangUp: true }] });
    await silent.sso.signIn();
    expect(silent.reports.at(-1)).toMatchObject({ step: 1, state: 'unanswered' });
    expect(silent.reports.at(-1)).not.toHaveProperty('status');
  });

  it('show no request for a step that was skipped, but say why', async () => {
    const { sso, reports } = await openPage();
    await sso.signIn();
    const skipped = reports.filter(({ state }) => state === 'skipped');
    expect(skipped).toEqual([{ step: 5, state: 'skipped', why: expect.stringMatching(/not needed/) }]);
  });

  it('are not told of signing out, which is no step', async () => {
    const { sso, reports } = await openPage();
    await sso.signOut();
    expect(reports).toEqual([]);
  });
});
