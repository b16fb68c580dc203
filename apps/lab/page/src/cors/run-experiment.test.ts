/** The requests of a run, in order, against a stubbed `fetch` that plays the lab's server and a target. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RecordedRequest } from '../../../exchange/run.ts';
import { get, jsonPost, rightPolicy } from '../../../experiments/right-policy.ts';
import { runExperiment } from './run-experiment.ts';
import { LabUnavailableError } from './set-cookies.ts';

const ORIGIN = 'http://lab.example.localhost:4010';
const origins = {
  'same-origin': ORIGIN,
  'same-site': 'http://target.example.localhost:4010',
  'cross-site': 'http://target.elsewhere.localhost:4010',
};
const policy = rightPolicy(ORIGIN);
const arrived: RecordedRequest = {
  kind: 'request',
  method: 'GET',
  cookies: [],
  fields: [],
  status: 200,
  responseFields: [],
};

/** Stubs `fetch`: `respond` answers the target's requests, each of which is added to the record. */
function startLab(respond: (init: RequestInit) => Response | Promise<Response>) {
  const asked: string[] = [];
  const requests: RecordedRequest[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
    const method = init.method ?? 'GET';
    asked.push(`${method} ${url}`);
    if (url.endsWith('/cookies')) return new Response();
    if (url === '/runs') return Response.json({ id: 'a1' }, { status: 201 });
    if (url === '/runs/a1' && method === 'PUT') return new Response(null, { status: 204 });
    if (url === '/runs/a1') return Response.json({ requests, executions: requests.length });
    requests.push(arrived);
    return respond(init);
  });
  return asked;
}

afterEach(() => vi.unstubAllGlobals());

describe('a run', () => {
  it('A readable response is observed with its status and headers', async () => {
    startLab(() => new Response('{}', { status: 200, headers: { 'X-Lab-Run': 'a1' } }));
    const { id, results } = await runExperiment([{ request: get, policy }], origins);
    expect(id).toBe('a1');
    expect(results).toMatchObject([
      { observation: { readable: 'yes', status: 200, error: null }, record: { executions: 1 } },
    ]);
    expect(results[0]?.observation.fields).toContainEqual(['x-lab-run', 'a1']);
  });

  it('A rejected fetch is observed with its error, and the server’s record is still read', async () => {
    startLab(() => Promise.reject(new TypeError('Failed to fetch')));
    const { results } = await runExperiment([{ request: get, policy }], origins);
    expect(results).toMatchObject([
      { observation: { readable: 'no', error: 'TypeError: Failed to fetch' }, record: { executions: 1 } },
    ]);
  });

  it('The record of each step contains only the requests of that step', async () => {
    const asked = startLab(() => new Response());
    const request = { ...get, credentials: 'omit' } as const;
    const { results } = await runExperiment(
      [
        { request, policy },
        { request, policy },
      ],
      origins,
    );
    expect(results.map(({ record }) => record)).toEqual([
      { requests: [arrived], executions: 1 },
      { requests: [arrived], executions: 1 },
    ]);
    expect(asked).toEqual([
      'POST /runs',
      'GET http://target.example.localhost:4010/target/a1',
      'GET /runs/a1',
      'PUT /runs/a1',
      'GET http://target.example.localhost:4010/target/a1',
      'GET /runs/a1',
    ]);
  });

  it('The request is sent as the experiment says', async () => {
    const sent: RequestInit[] = [];
    startLab((init) => {
      sent.push(init);
      return new Response();
    });
    await runExperiment([{ request: jsonPost, policy }], origins);
    expect(sent).toEqual([
      {
        method: 'POST',
        mode: 'cors',
        credentials: 'include',
        headers: [['Content-Type', 'application/json']],
        body: '{"amount":10}',
      },
    ]);
  });

  it('A run with credentials first lets a target of the site set its cookies, once per target', async () => {
    const asked = startLab(() => new Response());
    const steps = [{ request: get, policy }];
    // An origin whose cookies no other test has set.
    const fresh = { ...origins, 'same-site': 'http://target.example.localhost:4011' };
    await runExperiment(steps, fresh);
    await runExperiment(steps, fresh);
    const cookies = asked.filter((line) => line.endsWith('/cookies'));
    expect(cookies).toEqual(['GET http://target.example.localhost:4011/cookies']);
    expect(asked[0]).toBe(cookies[0]);
  });

  it.each([
    ['cross-site', 'include'],
    ['same-origin', 'omit'],
  ] as const)(
    'A run requests no cookies from the %s target with the credentials mode %s.',
    async (target, credentials) => {
      const asked = startLab(() => new Response());
      await runExperiment([{ request: { ...get, target, credentials }, policy }], origins);
      expect(asked.filter((line) => line.endsWith('/cookies'))).toEqual([]);
    },
  );

  it.each([
    ['doesn’t respond', () => Promise.reject(new TypeError('Failed to fetch'))],
    ['refuses the request', async () => new Response(null, { status: 403 })],
    ['sends an unexpected response', async () => Response.json({ run: 'a1' })],
  ])('A run fails with LabUnavailableError if the lab’s server %s.', async (_case, respond) => {
    vi.stubGlobal('fetch', respond);
    const request = { ...get, credentials: 'omit' } as const;
    await expect(runExperiment([{ request, policy }], origins)).rejects.toThrow(LabUnavailableError);
  });
});
