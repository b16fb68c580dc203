import { describe, expect, test } from 'vitest';
import type { Target } from '../cors/experiment-request.ts';
import type { Policy } from '../cors/policy.ts';
import type { RecordedRequest } from '../exchange/run.ts';
import { ORIGIN, ORIGINS, send, startRun, testLab } from './lab.fixture.ts';

/** What Node and Fastify send with every response. */
const TRANSPORT = ['connection', 'content-length', 'date', 'keep-alive'];

const PREFLIGHT = {
  method: 'OPTIONS',
  headers: {
    origin: ORIGIN,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'content-type',
  },
} as const;

/** Starts a run with a policy, and sends one request to it. */
async function respondTo(
  changes: Partial<Policy>,
  options: { method?: string; url?: string; target?: Target; headers?: Record<string, string> } = {},
) {
  const lab = await testLab();
  const { id, url, record } = await startRun(lab, changes);
  const { target = 'same-site', method = 'GET', headers = { origin: ORIGIN } } = options;
  // The types of `inject` list only some methods.
  const answer = await send(lab, target, {
    method: method as 'GET',
    url: url + (options.url ?? ''),
    headers,
  });
  const fields = Object.entries(answer.headers).filter(([name]) => !TRANSPORT.includes(name));
  return { id, status: answer.statusCode, body: answer.body, fields: Object.fromEntries(fields), record };
}

/** Returns the response's `Access-Control-Allow-Origin`. */
const allowOriginOf = async (allowOrigin: Policy['allowOrigin'], origin?: string) => {
  const { fields } = await respondTo({ allowOrigin }, { headers: origin === undefined ? {} : { origin } });
  return fields['access-control-allow-origin'];
};

test('a target responds with the policy’s headers, three of its own, and no others [T-LAB-04]', async () => {
  const { id, status, fields, body } = await respondTo({ timingAllowOrigin: '*' }, { method: 'PUT' });
  expect(status).toBe(200);
  expect(fields).toEqual({
    'access-control-allow-origin': ORIGIN,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'X-Lab-Run',
    'timing-allow-origin': '*',
    vary: 'Origin',
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
    'x-lab-run': id,
  });
  expect(JSON.parse(body)).toEqual({ run: id, executions: 1 });
});

test('a preflight gets the policy’s headers, and no others [T-LAB-04]', async () => {
  const { status, fields, body } = await respondTo({}, PREFLIGHT);
  expect([status, body]).toEqual([204, '']);
  expect(fields).toEqual({
    'access-control-allow-origin': ORIGIN,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST, PUT',
    'access-control-allow-headers': 'Content-Type',
    'access-control-max-age': '0',
    vary: 'Origin',
  });
});

test.each([200, 204, 401, 404, 500] as const)(
  'a preflight gets the policy’s status %i, and its request isn’t executed',
  async (status) => {
    const answer = await respondTo({ preflight: { status, hasPolicy: true } }, PREFLIGHT);
    expect(answer.status).toBe(status);
    expect(answer.fields['access-control-allow-origin']).toBe(ORIGIN);
    expect(await answer.record()).toMatchObject({ executions: 0, requests: [{ kind: 'preflight', status }] });
  },
);

test.each([200, 401, 500] as const)(
  'a request gets the policy’s status %i, and is executed',
  async (status) => {
    const answer = await respondTo({ response: { status, hasPolicy: true } });
    expect(answer.status).toBe(status);
    expect(answer.fields['access-control-allow-origin']).toBe(ORIGIN);
    expect(await answer.record()).toMatchObject({ executions: 1, requests: [{ kind: 'request', status }] });
  },
);

test('without a policy, a preflight gets only Vary, and a request the target’s own headers', async () => {
  const preflight = { status: 204, hasPolicy: false } as const;
  expect((await respondTo({ preflight }, PREFLIGHT)).fields).toEqual({ vary: 'Origin' });
  const { fields } = await respondTo({ response: { status: 401, hasPolicy: false }, vary: null });
  expect(Object.keys(fields).sort()).toEqual(['cache-control', 'content-type', 'x-lab-run']);
});

describe('a redirected preflight', () => {
  const preflight = { status: 301, hasPolicy: true } as const;

  test('leads to an address of the same run', async () => {
    const { id, status, fields } = await respondTo({ preflight }, PREFLIGHT);
    expect([status, fields['location']]).toEqual([301, `/target/${id}?redirected`]);
  });

  test.each([
    ['preflight', PREFLIGHT, 'access-control-allow-methods'],
    ['request', {}, 'access-control-expose-headers'],
  ])('gets the whole policy and 204 there, as a %s', async (_kind, request, header) => {
    const policy = {
      preflight: { ...preflight, hasPolicy: false },
      response: { status: 500, hasPolicy: false },
    };
    const answer = await respondTo(policy as Partial<Policy>, { ...request, url: '?redirected' });
    expect(answer.status).toBe(204);
    expect(answer.fields).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      [header]: expect.anything(),
    });
    expect(await answer.record()).toMatchObject({ executions: 0, requests: [{ kind: 'redirected' }] });
  });
});

test('OPTIONS without Access-Control-Request-Method is a request like any other', async () => {
  const { record } = await respondTo({}, { method: 'OPTIONS' });
  expect(await record()).toMatchObject({ executions: 1, requests: [{ kind: 'request', method: 'OPTIONS' }] });
});

test('Access-Control-Request-Method without OPTIONS makes no preflight', async () => {
  const { record } = await respondTo({}, { ...PREFLIGHT, method: 'POST' });
  expect(await record()).toMatchObject({ executions: 1, requests: [{ kind: 'request', method: 'POST' }] });
});

test.each([
  [{ rule: 'none' }, ORIGIN, undefined],
  [{ rule: 'exact', value: ORIGIN }, ORIGIN, ORIGIN],
  [{ rule: 'exact', value: ORIGIN }, `${ORIGIN}0`, undefined],
  [{ rule: 'fixed', value: '*' }, ORIGIN, '*'],
  [{ rule: 'fixed', value: 'null' }, undefined, 'null'],
  [{ rule: 'fixed', value: `${ORIGIN}, https://b.example` }, ORIGIN, `${ORIGIN}, https://b.example`],
  [{ rule: 'reflect' }, 'https://attacker.example', 'https://attacker.example'],
  [{ rule: 'reflect' }, 'null', 'null'],
  [{ rule: 'reflect' }, undefined, undefined],
  [
    { rule: 'prefix', value: 'https://good' },
    'https://good.attacker.example',
    'https://good.attacker.example',
  ],
  [{ rule: 'prefix', value: 'https://good' }, 'http://good.example', undefined],
  [{ rule: 'suffix', value: 'good.example' }, 'https://notgood.example', 'https://notgood.example'],
  [{ rule: 'suffix', value: 'good.example' }, 'https://good.example.org', undefined],
  [{ rule: 'suffix', value: '' }, undefined, undefined],
] as const)('the rule %j allows the origin %s as %s', async (rule, origin, expected) => {
  expect(await allowOriginOf(rule, origin)).toBe(expected);
});

test('each of the three hosts is a target, and responds 404 for an unknown run', async () => {
  const lab = await testLab();
  const { url } = await startRun(lab);
  for (const target of Object.keys(ORIGINS) as Target[]) {
    expect((await send(lab, target, { url })).statusCode).toBe(200);
    const unknown = await send(lab, target, { url: '/target/AAAAAAAAAAAAAAAA', headers: { origin: ORIGIN } });
    expect(unknown.statusCode).toBe(404);
    expect(unknown.headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('the record has the headers that matter, the cookies of that target, and the response', async () => {
  const headers = {
    origin: ORIGIN,
    cookie: 'lab-strict=same-site; other=1; lab-none=same-site; lab-lax=cross-site',
    'content-type': 'text/plain',
    'sec-fetch-site': 'same-site',
    'sec-fetch-mode': 'cors',
    authorization: 'Bearer secret',
    'x-custom': 'not recorded',
  };
  const { id, record } = await respondTo({}, { method: 'POST', headers });
  const { requests } = (await record()) as { requests: RecordedRequest[] };
  expect(requests).toEqual([
    {
      kind: 'request',
      method: 'POST',
      cookies: ['strict', 'none'],
      fields: [
        { name: 'origin', value: ORIGIN },
        { name: 'content-type', value: 'text/plain' },
        { name: 'sec-fetch-site', value: 'same-site' },
        { name: 'sec-fetch-mode', value: 'cors' },
      ],
      status: 200,
      responseFields: [
        { name: 'Access-Control-Allow-Origin', value: ORIGIN },
        { name: 'Access-Control-Allow-Credentials', value: 'true' },
        { name: 'Access-Control-Expose-Headers', value: 'X-Lab-Run' },
        { name: 'Timing-Allow-Origin', value: ORIGIN },
        { name: 'Vary', value: 'Origin' },
        { name: 'Cache-Control', value: 'no-store' },
        { name: 'Content-Type', value: 'application/json; charset=utf-8' },
        { name: 'X-Lab-Run', value: id },
      ],
    },
  ]);
});

test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'QUERY', 'PROPFIND', 'TRACE'])(
  'a target acts on the method %s',
  async (method) => {
    const { status, record } = await respondTo({}, { method });
    expect(status).toBe(200);
    expect(await record()).toMatchObject({ executions: 1, requests: [{ method }] });
  },
);

test('a changed policy applies to the next request of the same run', async () => {
  const lab = await testLab();
  const { url, change, record } = await startRun(lab, { vary: 'first' });
  await send(lab, 'same-site', { url });
  expect((await change({ vary: 'second' })).statusCode).toBe(204);
  const { headers } = await send(lab, 'same-site', { url });
  expect(headers['vary']).toBe('second');
  expect(await record()).toMatchObject({ executions: 2 });
});
