import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createWebServer } from '../../../server/src/http/web-server.ts';
import { HttpProblem } from './http-problem.ts';
import { notFoundProblems, problemResponses } from './problem-responses.ts';

const HUSH = 'hush /etc/secret?query=1';

async function serve(mount: (app: FastifyInstance) => void = () => {}) {
  const app = await createWebServer({ logLevel: 'silent', tls: null });
  onTestFinished(() => app.close());
  app.get('/here', async () => ({}));
  app.post(
    '/here',
    { schema: { body: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } },
    async () => ({}),
  );
  mount(app);
  return app;
}

const json = { 'content-type': 'application/json' };
const post = async (payload: string, headers: Record<string, string> = json) =>
  (await serve()).inject({ method: 'POST', url: '/here', payload, headers });

/** The response to what a route throws. */
const thrown = async (throwIt: () => unknown) => {
  const app = await serve((server) => void server.get('/throws', async () => throwIt()));
  return await app.inject('/throws');
};

type ProblemResponse = Awaited<ReturnType<typeof thrown>>;

function expectProblem(response: ProblemResponse, status: number, code: string): void {
  expect([response.statusCode, response.json().code]).toEqual([status, code]);
  expect(response.json().status).toBe(status);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.headers['cache-control']).toBe('no-store');
}

describe('an HttpProblem', () => {
  it('becomes the problem of its code, without its log reason', async () => {
    const response = await thrown(() => {
      throw new HttpProblem('invalid-credentials', { logReason: HUSH });
    });
    expectProblem(response, 401, 'invalid-credentials');
    expect(Object.keys(response.json()).sort()).toEqual(['code', 'status', 'title', 'type']);
    expect(response.body).not.toContain('hush');
  });

  it('says when to try again, in the header and in the body', async () => {
    const response = await thrown(() => {
      throw new HttpProblem('too-many-attempts', { retryAfterSeconds: 17 });
    });
    expectProblem(response, 429, 'too-many-attempts');
    expect(response.headers['retry-after']).toBe('17');
    expect(response.json().retryAfterSeconds).toBe(17);
  });

  it('is the same on a route with a response schema', async () => {
    const schema = { response: { '2xx': { type: 'object', properties: {} }, 503: { type: 'object' } } };
    const app = await serve((server) => {
      server.get('/strict', { schema }, async () => {
        throw new HttpProblem('unavailable');
      });
    });
    expectProblem(await app.inject('/strict'), 503, 'unavailable');
  });
});

describe('an invalid request', () => {
  it.each([
    ['no JSON', '{"name": "hush'],
    ['an empty body', ''],
    ['a member that poisons the prototype', '{"name": "a", "__proto__": {"hush": 1}}'],
    ['a missing member', '{"hush": 1}'],
  ])('is 400 with %s, and the response quotes nothing of it', async (_what, payload) => {
    const response = await post(payload);
    expectProblem(response, 400, 'invalid-request');
    expect(response.body).not.toContain('hush');
  });

  it('is 413 over 4 KiB, and accepted at exactly 4 KiB', async () => {
    const filled = (bytes: number) =>
      JSON.stringify({ name: '' }).replace('""', `"${'x'.repeat(bytes - 11)}"`);
    expect(filled(4096)).toHaveLength(4096);
    expect((await post(filled(4096))).statusCode).toBe(200);
    expectProblem(await post(filled(4097)), 413, 'too-large');
  });

  it('is 415 with an unsupported content type', async () => {
    expectProblem(
      await post('name=a', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'unsupported-media-type',
    );
    expectProblem(await post('<a/>', { 'content-type': 'hush' }), 415, 'unsupported-media-type');
  });

  it('is 400 if its path cannot be decoded', async () => {
    const response = await (await serve()).inject('/%zz?hush');
    expectProblem(response, 400, 'invalid-request');
    expect(response.body).not.toContain('hush');
  });
});

describe('a path', () => {
  it.each(['/nowhere', '/here/', '/HERE', '//here', '/nowhere?here=/here'])(
    'without any route is 404: %s',
    async (url) => {
      const response = await (await serve()).inject(url);
      expectProblem(response, 404, 'not-found');
      expect(response.body).not.toContain('here/');
    },
  );

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)(
    'that exists for other methods than %s is 405 and names those in Allow',
    async (method) => {
      const response = await (await serve()).inject({ method, url: '/here?a=b' });
      expect(response.statusCode).toBe(405);
      expect(response.headers['allow']).toBe('GET, HEAD, POST');
      expectProblem(response, 405, 'method-not-allowed');
    },
  );
});

describe('any other error', () => {
  class Coded extends Error {
    readonly code = 'SQLITE_CORRUPT';
  }
  class Posing extends Error {
    readonly statusCode = 400;
    readonly code = 'ENOENT';
  }

  it.each([
    ['an error', () => new Error(HUSH)],
    ['an error with a code', () => new Coded(HUSH)],
    ['a type error', () => new TypeError(HUSH)],
    ['a foreign error that names a status of its own', () => new Posing(HUSH)],
    ['an error with a cause', () => new Error('outer hush', { cause: new Error(HUSH) })],
    ['an aborted request, whose code is a number', () => new DOMException(HUSH, 'TimeoutError')],
    ['a text', () => HUSH],
    ['an object', () => ({ message: HUSH, statusCode: 200 })],
    ['null', () => null],
  ])('is a 500 that reveals nothing: %s', async (_what, make) => {
    const response = await thrown(() => {
      throw make();
    });
    expectProblem(response, 500, 'internal-error');
    expect(Object.keys(response.json()).sort()).toEqual(['code', 'status', 'title', 'type']);
    for (const trace of ['hush', 'stack', '.ts', 'node_modules', 'is not a function']) {
      expect(response.body).not.toContain(trace);
    }
  });

  it('is a 500 that reveals nothing when a hook throws it', async () => {
    const app = await serve((server) => {
      server.addHook('onRequest', async () => {
        throw new Error(HUSH);
      });
    });
    const response = await app.inject('/here');
    expectProblem(response, 500, 'internal-error');
    expect(response.body).not.toContain('hush');
  });
});

describe('a host app', () => {
  it('keeps its own error handler outside the scope that sends problems', async () => {
    const app = Fastify();
    onTestFinished(() => app.close());
    app.setErrorHandler((_error, _request, reply) => void reply.code(418).send('the host'));
    const refuse = async () => {
      throw new HttpProblem('not-signed-in');
    };
    app.get('/host', refuse);
    await app.register(async (scope) => {
      await scope.register(problemResponses);
      scope.get('/scope', refuse);
    });
    expect((await app.inject('/host')).body).toBe('the host');
    expectProblem(await app.inject('/scope'), 401, 'not-signed-in');
  });

  it.each(['/:a(', '/:x((a+)+$)', '/*', '/(.*)'])(
    'answers 404 for a path that looks like a pattern: %s',
    async (url) => {
      expectProblem(await (await serve()).inject(url), 404, 'not-found');
    },
  );

  it('answers 404 when its handler finds nothing, not 405', async () => {
    const app = await serve((app) => {
      app.get('/file', async (_request, reply) => reply.callNotFound());
    });
    expectProblem(await app.inject('/file'), 404, 'not-found');
  });

  it('can use the 404 and 405 responses too', async () => {
    const app = Fastify();
    onTestFinished(() => app.close());
    await app.register(notFoundProblems);
    app.delete('/thing', async () => ({}));
    expect((await app.inject({ method: 'POST', url: '/thing' })).headers['allow']).toBe('DELETE');
    expectProblem(await app.inject('/other'), 404, 'not-found');
  });
});
