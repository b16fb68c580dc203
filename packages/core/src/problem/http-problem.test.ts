import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { HttpProblem } from './http-problem.ts';

it('an HttpProblem gets its status and title from Fastify’s default error handler', async () => {
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
