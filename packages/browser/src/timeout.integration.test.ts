import { expect, it } from 'vitest';
import { openPage } from './page.fixture.ts';

const never = new Promise<never>(() => {});

it('a request without a response ends the flow after 5 s', async () => {
  const { sso, steps } = await openPage({ 'login status': [{ after: never }] });
  const startedAtMs = performance.now();
  expect(await sso.signInSilently()).toEqual({ status: 'sso-unreachable' });
  const waitedMs = performance.now() - startedAtMs;
  expect(waitedMs).toBeGreaterThan(4500);
  expect(waitedMs).toBeLessThan(6500);
  expect(steps()).toEqual(['1 done', '2 unanswered']);
});
