/** Step 5 for an account with an authenticator app. */
import { describe, expect, it } from 'vitest';
import { openPage, PASSWORD, refusal, signedIn } from './page.fixture.ts';

const CODE = '123456';

describe('a password of an account with an authenticator app', () => {
  it('isn’t enough: the page asks for a code, and no token is issued', async () => {
    const { sso, sent, steps } = await openPage({ login: [refusal(401, 'second-factor-required')] });
    expect(await sso.signInWithPassword('ada', PASSWORD)).toEqual({ status: 'second-factor-required' });
    expect(sent).toEqual(['login']);
    expect(steps()).toEqual(['5 refused']);
  });

  it('signs in with a code, which is sent as the person typed it', async () => {
    const { sso, sent, requests } = await openPage();
    expect(await sso.signInWithPassword('ada', PASSWORD, '123 456')).toEqual(signedIn);
    expect(sent).toEqual(['login', 'authentication token', 'POST']);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      ...{ request: 'login', username: 'ada', password: PASSWORD },
      code: '123 456',
    });
  });

  it('says so if the code is wrong or has been used', async () => {
    const { sso } = await openPage({ login: [refusal(401, 'invalid-code')] });
    expect(await sso.signInWithPassword('ada', PASSWORD, CODE)).toEqual({ status: 'invalid-code' });
  });

  it('leaves no code in what onStep reports, however the flow ends', async () => {
    for (const responses of [{}, { login: [refusal(401, 'invalid-code')] }]) {
      const { sso, reports } = await openPage(responses);
      await sso.signInWithPassword('ada', PASSWORD, CODE);
      expect(JSON.stringify(reports)).toContain('"step":5');
      expect(JSON.stringify(reports)).not.toContain(CODE);
    }
  });
});
