import { SSO_PATHS } from '@samesite-sso/protocol';
import { expect, test } from 'vitest';
import { FOO, testService } from '../../../test/support/sso/test-service.ts';
import { ACCOUNT_PATHS } from './account-page/paths.ts';

test.each([
  '/',
  ...[SSO_PATHS.metadata, SSO_PATHS.keys, ACCOUNT_PATHS.overview],
  ...['/livez', '/readyz', '/nowhere'],
])('HEAD gets the same response as GET without a body, and no CORS header: %s', async (url) => {
  const { app, logIn } = await testService();
  const headers = { cookie: await logIn() };
  const get = await app.inject({ url, headers });
  const head = await app.inject({ method: 'HEAD', url, headers });
  const { date: _date, ...otherHeaders } = head.headers;
  expect([head.statusCode, head.body]).toEqual([get.statusCode, '']);
  expect(get.headers).toMatchObject(otherHeaders);
});

test('HEAD of the account overview is refused to another origin, like GET', async () => {
  const { app, logIn } = await testService();
  const headers = { cookie: await logIn(), origin: FOO };
  for (const method of ['GET', 'HEAD'] as const) {
    const answer = await app.inject({ method, url: ACCOUNT_PATHS.overview, headers });
    expect(answer.statusCode).toBe(403);
    expect(Object.keys(answer.headers).join()).not.toContain('access-control');
  }
});
