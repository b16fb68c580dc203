import Fastify, { type FastifyInstance } from 'fastify';
import * as v from 'valibot';
import { describe, expect, it, onTestFinished } from 'vitest';
import { problemResponses } from '../problem/problem-responses.ts';
import { jsonBody } from './json-body.ts';
import { withSchemas } from './with-schemas.ts';

const BODY = v.strictObject({ count: v.number() });

/** A host app that reads any content type, with a scope that reads JSON only. */
async function serve(host: (app: FastifyInstance) => void = () => {}) {
  const app = Fastify();
  onTestFinished(() => app.close());
  host(app);
  app.post('/host', async (request) => ({ body: request.body }));
  await app.register(async (scope) => {
    await scope.register(problemResponses);
    await scope.register(jsonBody);
    scope.route({
      method: ['POST', 'PUT'],
      url: '/scope',
      ...withSchemas({ body: BODY }),
      handler: async (request) => request.body,
    });
    scope.get('/scope', async () => ({}));
    scope.delete('/scope', async () => ({}));
  });
  return app;
}

const post = (app: FastifyInstance, payload: string, type?: string, url = '/scope') =>
  app.inject({ method: 'POST', url, payload, headers: type === undefined ? {} : { 'content-type': type } });

describe('a scope that accepts JSON only', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON'])(
    'reads %s',
    async (type) => {
      const response = await post(await serve(), '{"count":1}', type);
      expect([response.statusCode, response.json()]).toEqual([200, { count: 1 }]);
    },
  );

  it.each([
    'text/plain',
    'text/plain;application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'text/json',
    'application/jsonp',
    'application/json-patch+json',
    'application/problem+json',
    'json',
    '*/*',
    'text/plain, application/json',
  ])('refuses %s with 415', async (type) => {
    const response = await post(await serve(), '{"count":1}', type);
    expect([response.statusCode, response.json().code]).toEqual([415, 'unsupported-media-type']);
  });

  it.each([
    ['POST', '{"count":1}'],
    ['POST', ''],
    ['PUT', '{"count":1}'],
    ['PUT', ''],
  ] as const)('refuses a %s without a content type with 415, with body %j', async (method, payload) => {
    const response = await (await serve()).inject({ method, url: '/scope', payload });
    expect([response.statusCode, response.json().code]).toEqual([415, 'unsupported-media-type']);
  });

  it.each(['"1"', 'true', 'null', '[1]'])(
    'never converts %s into the number that the schema asks for',
    async (count) => {
      const response = await post(await serve(), `{"count":${count}}`, 'application/json');
      expect([response.statusCode, response.json().code]).toEqual([400, 'invalid-request']);
    },
  );

  it('refuses an unknown member instead of dropping it', async () => {
    expect((await post(await serve(), '{"count":1,"more":2}', 'application/json')).statusCode).toBe(400);
  });

  it('requires no content type for a request without a body', async () => {
    const app = await serve();
    expect((await app.inject('/scope')).statusCode).toBe(200);
    expect((await app.inject({ method: 'DELETE', url: '/scope' })).statusCode).toBe(200);
  });

  it('treats an empty body as no body, even with a JSON content type', async () => {
    const app = await serve();
    const headers = { 'content-type': 'application/json' };
    expect((await app.inject({ method: 'DELETE', url: '/scope', headers })).statusCode).toBe(200);
    expect((await post(app, '', 'application/json')).statusCode).toBe(400);
  });

  it('refuses a member that poisons the prototype', async () => {
    const app = await serve();
    for (const poison of [
      '{"count":1,"__proto__":{"a":1}}',
      '{"count":1,"constructor":{"prototype":{"a":1}}}',
    ]) {
      expect((await post(app, poison, 'application/json')).statusCode).toBe(400);
    }
  });

  it('refuses JSON that two parsers may read differently, without quoting it', async () => {
    const app = await serve();
    const bodies = ['{"count":1,"count":2}', '{"secret', Buffer.from('7b22636f756e74ff223a317d', 'hex')];
    for (const payload of bodies) {
      const headers = { 'content-type': 'application/json' };
      const response = await app.inject({ method: 'POST', url: '/scope', payload, headers });
      expect([response.statusCode, response.json().code]).toEqual([400, 'invalid-request']);
      expect(response.body).not.toMatch(/count|secret/);
    }
  });

  it('refuses a body with a content coding, whether or not it is encoded', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const response = await (await serve()).inject({
      method: 'POST',
      url: '/scope',
      payload: '{"count":1}',
      headers,
    });
    expect([response.statusCode, response.json().code]).toEqual([415, 'unsupported-media-type']);
  });

  it('accepts the content coding identity', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'identity' };
    const app = await serve();
    const response = await app.inject({ method: 'POST', url: '/scope', payload: '{"count":1}', headers });
    expect(response.statusCode).toBe(200);
  });

  it('refuses a form even if the host app accepts forms', async () => {
    const app = await serve((host) => {
      host.addContentTypeParser(
        'application/x-www-form-urlencoded',
        { parseAs: 'string' },
        (_request, body, done) =>
          done(null, { count: Number(new URLSearchParams(String(body)).get('count')) }),
      );
    });
    expect((await post(app, 'count=1', 'application/x-www-form-urlencoded', '/host')).statusCode).toBe(200);
    expect((await post(app, 'count=1', 'application/x-www-form-urlencoded')).statusCode).toBe(415);
  });

  it('refuses other content types even if the host app accepts all', async () => {
    const app = await serve((host) => {
      host.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) =>
        done(null, JSON.parse(String(body))),
      );
    });
    expect((await post(app, '{"count":1}', 'text/plain; charset=utf-8')).statusCode).toBe(415);
  });

  it('does not change what the host app accepts', async () => {
    expect((await post(await serve(), 'hello', 'text/plain', '/host')).json()).toEqual({ body: 'hello' });
  });
});
