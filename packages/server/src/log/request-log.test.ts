import { Writable } from 'node:stream';
import { HttpProblem, notFoundProblems, problemResponses } from '@samesite-sso/core';
import Fastify from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gracefulClose } from '../http/graceful-close.ts';
import { health } from '../http/health.ts';
import { noteClient, RequestLog } from './request-log.ts';

const NUMBERS = { type: 'object', additionalProperties: { type: 'number' } };

async function serve() {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).trim().split('\n'));
      done();
    },
  });
  const app = Fastify({ logger: { level: 'info', stream }, logController: new RequestLog() });
  onTestFinished(() => app.close());
  await app.register(problemResponses);
  await app.register(notFoundProblems);
  await app.register(gracefulClose);
  await app.register(health, { isReady: async () => false });
  app.post('/things/:id', async () => ({ secret: 'hush-response' }));
  app.post('/strict', { schema: { body: NUMBERS } }, async () => ({}));
  app.get('/refused', async () => {
    throw new HttpProblem('not-signed-in', { logReason: 'the session ran out' });
  });
  app.get('/broken', async () => {
    throw new Error('out of order');
  });
  return {
    app,
    lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    raw: () => lines.join('\n'),
  };
}

/** A secret wherever a client can put one. */
const SECRETS = {
  headers: {
    'content-type': 'application/json',
    authorization: 'Bearer hush-authorization',
    cookie: '__Host-sso=hush-cookie',
    'user-agent': 'hush-agent',
    referer: 'https://foo.example.com/?token=hush-referer',
    'x-request-id': 'hush-request-id',
    'request-id': 'hush-id',
    'x-forwarded-for': 'hush-forwarded',
    host: 'hush-host',
  },
  payload: '{"hush-member":"hush-password"}',
};

describe('the request log', () => {
  it.each([
    ['that is handled', 'POST', '/things/hush-parameter?token=hush-query'],
    ['that its schema refuses', 'POST', '/strict?token=hush-query'],
    ['for an unknown path', 'POST', '/hush-path?token=hush-query'],
    ['with another method', 'PUT', '/strict?token=hush-query'],
  ] as const)('has one line, without secrets, for a request %s', async (_how, method, url) => {
    const { app, lines, raw } = await serve();
    await app.inject({ method, url, ...SECRETS });
    expect(lines()).toHaveLength(1);
    expect(raw()).not.toContain('hush');
  });

  it('contains no secret of a body that is invalid JSON or too large', async () => {
    const { app, lines, raw } = await serve();
    await app.inject({ method: 'POST', url: '/strict', ...SECRETS, payload: '{"password":"hush' });
    await app.inject({
      method: 'POST',
      url: '/strict',
      ...SECRETS,
      payload: `"hush${'x'.repeat(2_000_000)}"`,
    });
    expect(lines().map(({ status }) => status)).toEqual([400, 413]);
    expect(raw()).not.toContain('hush');
  });

  it('contains method, route, status, duration and a request id', async () => {
    const { app, lines } = await serve();
    await app.inject({ method: 'POST', url: '/things/7', ...SECRETS });
    expect(lines()).toEqual([
      expect.objectContaining({
        method: 'POST',
        route: '/things/:id',
        status: 200,
        milliseconds: expect.any(Number),
        reqId: expect.any(String),
        level: 30,
        msg: 'request',
      }),
    ]);
  });

  it('contains what routes have noted about the client', async () => {
    const { app, lines } = await serve();
    app.get('/noted', async (request) => {
      noteClient(request, { address: '192.0.2.1' });
      noteClient(request, { accountId: 'account-of-ada' });
      throw new HttpProblem('overloaded');
    });
    app.get('/partly-noted', async (request) => noteClient(request, { address: '192.0.2.2' }) ?? {});
    await app.inject('/noted');
    await app.inject('/partly-noted');
    await app.inject({ method: 'POST', url: '/things/7' });
    expect(lines()).toEqual([
      expect.objectContaining({ status: 503, address: '192.0.2.1', accountId: 'account-of-ada' }),
      expect.objectContaining({ status: 200, address: '192.0.2.2' }),
      expect.objectContaining({ status: 200 }),
    ]);
    expect(lines().map((line) => Object.keys(line).includes('accountId'))).toEqual([true, false, false]);
    expect(Object.keys(lines()[2] ?? {})).not.toContain('address');
  });

  it('contains the reason why a request was refused', async () => {
    const { app, lines } = await serve();
    await app.inject('/refused');
    expect(lines()).toEqual([
      expect.objectContaining({ status: 401, refused: 'not-signed-in: the session ran out', level: 30 }),
    ]);
  });

  it('escapes characters that control a terminal', async () => {
    const { app, lines, raw } = await serve();
    app.get('/quoting', async ({ headers }) => {
      throw new HttpProblem('origin-not-allowed', { logReason: `origin ${headers.origin}` });
    });
    await app.inject({ url: '/quoting', headers: { origin: '\u009b2J\u0085\u202e\u2028\u001b[2J\n' } });
    expect(raw()).not.toMatch(/[^\P{Cc}]|[\u2028\u202e]/u);
    expect(lines()).toEqual([
      expect.objectContaining({
        refused: 'origin-not-allowed: origin \\u009b2J\\u0085\\u202e\\u2028\\u001b[2J\n',
      }),
    ]);
  });

  it('contains an internal error in the same line, at level error', async () => {
    const { app, lines } = await serve();
    await app.inject('/broken');
    expect(lines()).toEqual([expect.objectContaining({ status: 500, level: 50, route: '/broken' })]);
    expect(lines()[0]?.['refused']).toMatch(/^internal-error: Error: out of order\n/);
  });

  it('contains no health checks', async () => {
    const { app, raw } = await serve();
    expect((await app.inject('/livez')).statusCode).toBe(200);
    expect((await app.inject('/readyz')).statusCode).toBe(503);
    expect(raw()).toBe('');
  });
});
