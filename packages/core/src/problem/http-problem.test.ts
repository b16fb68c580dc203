import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { HttpProblem } from './http-problem.ts';

it('an HttpProblem gets its status and title from Fastify’s default error handler', async () => {
  const app = Fastify();
  onTestFinished(() => app.close());
  app.get('/', async () => {
    throw new HttpProblem('not-signed-in', { logReason: 'hush' });
  });
  const response = await app.inject('/');
  expect(response.statusCode).toBe(401);
  expect(response.json().message).toBe('Nobody is signed in.');
  expect(response.body).not.toContain('hush');
});
