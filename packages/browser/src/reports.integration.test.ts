/** The reports that `onStep` receives. */
import { describe, expect, it } from 'vitest';
import { APP, noResponse, openPage, PASSWORD, refusal, SSO, session, TOKEN } from './page.fixture.ts';

describe('the step reports', () => {
  it('say that a step is pending, then what was sent, how it ended and how long it took', async () => {
    const { sso, reports } = await openPage();
    await sso.signInWithPassword('ada', PASSWORD);
    expect(reports.map(({ step, state }) => `${step} ${state}`)).toEqual([
      ...['5 pending', '5 done', '3 pending', '3 done', '4 pending', '4 done'],
    ]);
    const requests = reports.filter(({ state }) => state === 'done').map(({ request }) => request);
    expect(requests.map((request) => [request?.method, request?.origin, request?.path])).toEqual([
      ['POST', SSO, '/'],
      ['POST', SSO, '/'],
      ['POST', APP, '/session'],
    ]);
    for (const { state, status, durationMs, label } of reports) {
      expect(label).not.toBe('');
      expect(status).toEqual(state === 'done' ? expect.any(Number) : undefined);
      expect(durationMs).toEqual(state === 'done' ? expect.any(Number) : undefined);
    }
  });

  it('contain no password and no whole token, however the flow ends', async () => {
    for (const POST of [{ status: 201, ...session }, refusal(401, 'invalid-token'), noResponse]) {
      const { sso, reports } = await openPage({ POST: [POST] });
      await sso.signInWithPassword('ada', PASSWORD);
      await sso.signInSilently();
      const text = JSON.stringify(reports);
      expect(text).toContain('"step":4');
      for (const secret of [PASSWORD, 'horse', TOKEN, ...TOKEN.split('.').slice(1), 'cccc', 'ssss']) {
        expect(text).not.toContain(secret);
      }
    }
  });

  it('contain no password if it is refused or there is no response', async () => {
    for (const login of [refusal(401, 'invalid-credentials'), noResponse]) {
      const { sso, reports } = await openPage({ login: [login] });
      await sso.signInWithPassword('ada', PASSWORD);
      expect(JSON.stringify(reports)).not.toContain('horse');
    }
  });

  it('mask the password in step 5, and all but the beginning of the token in step 4', async () => {
    const { sso, reports } = await openPage();
    await sso.signInWithPassword('ada', PASSWORD);
    const bodyOf = (step: number) => reports.find((report) => report.step === step)?.request?.body ?? '';
    expect(JSON.parse(bodyOf(5))).toEqual({ request: 'login', username: 'ada', password: '••••••••' });
    expect(JSON.parse(bodyOf(4))).toEqual({ token: `${TOKEN.slice(0, 12)}…` });
  });

  it('mask passwords of any length alike', async () => {
    const bodies: (string | undefined)[] = [];
    for (const password of ['short', 'a much longer password than that']) {
      const { sso, reports } = await openPage();
      await sso.signInWithPassword('ada', password);
      bodies.push(reports[0]?.request?.body);
    }
    expect(bodies[0]).toBe(bodies[1]);
  });

  it('have the code and status of a refusal, and no status without a response', async () => {
    const refused = await openPage({ login: [refusal(429, 'too-many-attempts', { retryAfterSeconds: 9 })] });
    await refused.sso.signInWithPassword('ada', PASSWORD);
    expect(refused.reports.at(-1)).toMatchObject({
      step: 5,
      state: 'refused',
      label: 'too-many-attempts',
      status: 429,
    });
    const silent = await openPage({ GET: [noResponse] }, { wasSignedIn: true });
    await silent.sso.signInSilently();
    expect(silent.reports.at(-1)).toMatchObject({ step: 1, state: 'unanswered' });
    expect(silent.reports.at(-1)).not.toHaveProperty('status');
  });

  it('have no request for a skipped step, but the reason why it was skipped', async () => {
    const { sso, reports } = await openPage();
    await sso.signInSilently();
    const skipped = reports.filter(({ state }) => state === 'skipped');
    expect(skipped).toEqual([{ step: 5, state: 'skipped', label: expect.stringMatching(/not needed/) }]);
  });

  it('contain nothing about a sign-out, which isn’t one of the steps', async () => {
    const { sso, reports } = await openPage();
    await sso.signOut();
    expect(reports).toEqual([]);
  });
});
