/** A lab for tests, and requests to its three hosts. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { onTestFinished } from 'vitest';
import type { Target, TargetOrigins } from '../cors/experiment-request.ts';
import type { Policy } from '../cors/policy.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { paths } from '../exchange/paths.ts';
import { runPath } from '../exchange/run.ts';
import { rightPolicy } from '../experiments/right-policy.ts';
import type { Config } from './config.ts';
import { hostOf } from './hosts.ts';
import { buildLab, type PageServer } from './lab.ts';
import { servePage } from './page.ts';

export const ORIGINS: TargetOrigins = {
  'same-origin': 'http://lab.example.localhost:4010',
  'same-site': 'http://target.example.localhost:4010',
  'cross-site': 'http://target.elsewhere.localhost:4010',
};
export const ORIGIN = ORIGINS['same-origin'];

export const SECRET = 'the-secret-of-this-start';

export const RIGHT_POLICY = rightPolicy(ORIGIN);

export function testFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'samesite-sso-lab-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function testConfig(settings: Partial<Config> = {}): Config {
  return {
    origin: ORIGIN,
    sameSiteOrigin: ORIGINS['same-site'],
    crossSiteOrigin: ORIGINS['cross-site'],
    listen: { host: '127.0.0.1', port: 4010 },
    reportFile: path.join(testFolder(), 'reports.json'),
    reportUrl: null,
    fooOrigin: 'http://foo.app.example.localhost:4001',
    loremOrigin: 'http://lorem.app.example.localhost:4002',
    ssoOrigin: 'http://sso.example.localhost:4000',
    tls: null,
    logLevel: 'silent',
    ...settings,
  };
}

/** The policy of the built page with a stub page, so that the tests need no build. */
const stubPage: PageServer = Object.assign(
  async (scope: FastifyInstance) => void scope.get('/', async () => 'the page'),
  { content: servePage.content },
);

export async function testLab(settings: Partial<Config> = {}): Promise<FastifyInstance> {
  const lab = await buildLab(testConfig(settings), stubPage, SECRET);
  onTestFinished(() => lab.close());
  return lab;
}

type SendOptions = Omit<InjectOptions, 'headers'> & {
  url: string;
  /** Undefined ones aren't sent. */
  headers?: Readonly<Record<string, string | undefined>>;
};

/** Sends a request to one of the lab's hosts, unless a header names another host. */
export function send(lab: FastifyInstance, target: Target, { headers, ...options }: SendOptions) {
  const all = Object.entries({ host: hostOf(ORIGINS[target]), ...headers });
  const sent = all.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return lab.inject({ ...options, headers: Object.fromEntries(sent) });
}

/** Sends a request to `/runs` as the page does. `PUT` and `POST` have a body. */
export function askRuns(
  lab: FastifyInstance,
  method: 'GET' | 'PUT' | 'POST',
  id: string,
  body?: unknown,
  headers: SendOptions['headers'] = {},
) {
  const json = { origin: ORIGIN, 'content-type': 'application/json' };
  return send(lab, 'same-origin', {
    method,
    url: id === '' ? paths.runs : `${paths.runs}/${id}`,
    headers: { ...(body === undefined ? {} : json), 'sec-fetch-site': 'same-origin', ...headers },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
}

/** Starts a run with the right policy, changed in some members. */
export async function startRun(lab: FastifyInstance, changes: Partial<Policy> = {}) {
  const started = await askRuns(lab, 'POST', '', { policy: { ...RIGHT_POLICY, ...changes } });
  const { id } = started.json<{ id: string }>();
  return {
    id,
    url: runPath(id),
    record: async () => (await askRuns(lab, 'GET', id)).json(),
    change: (policy: Partial<Policy>) => askRuns(lab, 'PUT', id, { policy: { ...RIGHT_POLICY, ...policy } }),
  };
}

export function testExchange(id: string, changes: Partial<Exchange> = {}): Exchange {
  return {
    id,
    reporter: 'foo',
    direction: 'received',
    clientPort: null,
    startedAt: 0,
    durationMs: null,
    client: 'browser',
    method: 'GET',
    path: '/session',
    host: 'foo.app.example.localhost:4001',
    purpose: 'app session',
    request: { fields: [], body: null, tokens: [] },
    response: null,
    error: null,
    ...changes,
  };
}

/** Sends a report as a reporter does, unless headers say otherwise. */
export function report(
  lab: FastifyInstance,
  exchanges: readonly unknown[],
  headers: SendOptions['headers'] = { authorization: `Bearer ${SECRET}` },
) {
  return send(lab, 'same-origin', {
    method: 'POST',
    url: paths.reports,
    headers: { host: '127.0.0.1:4010', 'content-type': 'application/json', ...headers },
    payload: JSON.stringify({ exchanges }),
  });
}
