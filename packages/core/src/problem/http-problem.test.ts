import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { HttpProblem } from './http-problem.ts';

it('a refusal gets its status and its public words from a host app that knows nothing of problems', async () => {
  const app = Fastify();
  onTestFinished(() => app.close());
  app.get('/', async () => {
    throw new HttpProblem('not-signed-in', { logReason: 'hush' });
  });
  const answer = await app.inject('/');
  expect(answer.statusCode).toBe(401);
  expect(answer.json().message).toBe('Nobody is signed in.');
  expect(answer.body).not.toContain('hush');
});
