import { jsonObject } from '@samesite-sso/protocol';
import Fastify from 'fastify';
import * as v from 'valibot';
import { describe, expect, it, onTestFinished } from 'vitest';
import { logReasonOf, problemResponses } from '../problem/problem-responses.ts';
import { jsonBody } from './json-body.ts';
import { withSchemas } from './with-schemas.ts';

const LOGIN = v.strictObject({
  request: v.literal('login'),
  password: v.pipe(v.string(), v.maxCodePoints(8)),
  tags: v.exactOptional(v.array(v.strictObject({ id: v.pipe(v.number(), v.integer()) }))),
});
const login = { request: 'login', password: 'hush' };

async function serve() {
  const app = Fastify();
  onTestFinished(() => app.close());
  const reasons: (string | undefined)[] = [];
  const publicSchemas: unknown[] = [];
  app.addHook('onRoute', ({ schema }) => void publicSchemas.push(schema));
  app.addHook('onResponse', async (request) => void reasons.push(logReasonOf(request)));
  await app.register(problemResponses);
  await app.register(jsonBody);
  app.post('/login', withSchemas({ body: LOGIN }), async () => ({}));
  app.post('/tagged/:id', withSchemas({ params: v.object({ id: v.literal('a') }) }), async () => ({}));
  app.post('/empty', withSchemas({ body: v.pipe(jsonObject, v.strictObject({})) }), async () => ({}));
  app.post('/asked', withSchemas({ query: v.object({ scope: v.string() }) }), async () => ({}));
  app.post('/echo', withSchemas({ response: LOGIN }), async (request) => request.body);
  const post = (url: string, body: unknown) =>
    app.inject({
      method: 'POST',
      url,
      payload: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  return { post, reasons, publicSchemas };
}

describe('a request or a response that doesn’t match its schema', () => {
  it.each([
    ['/login', { ...login, password: 'hush-hush' }, 'body.password: expected <=8'],
    ['/login', { ...login, password: ['hush'] }, 'body.password: expected string'],
    ['/login', { request: 'login', hush: 'hush' }, 'body.password: expected "password"'],
    ['/login', { ...login, request: 'hush' }, 'body.request: expected "login"'],
    ['/login', { ...login, hush: 'hush' }, 'body: unknown member'],
    ['/login', { ...login, tags: [{ id: 1 }, { id: 1.5 }] }, 'body.tags.1.id: expected integer'],
    ['/login', { ...login, tags: [{ id: 1, hush: 'hush' }] }, 'body: unknown member'],
    ['/login', 'hush', 'body: expected Object'],
    ['/empty', [], 'body: expected Object'],
    ['/empty', null, 'body: expected Object'],
    ['/tagged/hush', {}, 'params.id: expected "a"'],
    ['/asked?hush=hush', {}, 'query.scope: expected "scope"'],
  ])('is logged by member and rule, without its values: %s %j', async (url, body, logReason) => {
    const { post, reasons } = await serve();
    const response = await post(url, body);
    expect([response.statusCode, response.json().code]).toEqual([400, 'invalid-request']);
    expect(reasons).toEqual([`invalid-request: ${logReason}`]);
    expect(response.body).not.toContain('hush');
  });

  it.each([
    [{ ...login, hush: 'hush' }, 'response: unknown member'],
    [{ ...login, password: 'hush-hush' }, 'response.password: expected <=8'],
  ])('isn’t sent, and its values aren’t logged: %j', async (wrong, logReason) => {
    const { post, reasons } = await serve();
    const response = await post('/echo', wrong);
    expect([response.statusCode, response.json().code]).toEqual([500, 'internal-error']);
    expect(response.body).not.toContain('hush');
    expect(reasons.join()).toContain(logReason);
    expect(reasons.join()).not.toContain('hush');
  });
});

it('a response has the schema’s order of members', async () => {
  const { post } = await serve();
  expect((await post('/echo', { password: 'x', request: 'login' })).body).toBe(
    '{"request":"login","password":"x"}',
  );
});

it('Fastify’s option `schema` is left to other plugins, which expect JSON Schemas', async () => {
  const { post, publicSchemas } = await serve();
  await post('/login', login);
  expect(publicSchemas).toHaveLength(5);
  expect(publicSchemas).toEqual(Array.from({ length: 5 }));
});
