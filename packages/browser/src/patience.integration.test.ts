import { expect, it } from 'vitest';
import { openPage } from './page.fixture.ts';

const never = new Promise<never>(() => {});

it('a request is given five seconds, and then the flow ends: no page waits for ever', async () => {
  const { sso, steps } = await openPage({ 'login status': [{ after: never }] });
  const started = performance.now();
  expect(await sso.signIn()).toEqual({ status: 'SSO service unreachable' });
  const waited = performance.now() - started;
  expect(waited).toBeGreaterThan(4500);
  expect(waited).toBeLessThan(6500);
  expect(steps()).toEqual(['1 done', '2 unanswered']);
});
