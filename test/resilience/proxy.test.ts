/** The SSO service behind nginx or Caddy, configured as in docs/operations.md. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from 'vitest';
import { ADA } from '../support/browser.ts';
import { runProgram } from '../support/sso/run-program.ts';
import { FOO } from '../support/sso/test-service.ts';
import { HOST, type ProxiedService, type ProxyName, programOf, serviceBehind } from './proxied-service.ts';

const PROXIES: readonly ProxyName[] = ['nginx', 'caddy'];
const isMissing = (name: ProxyName) => programOf(name) === null;
for (const name of PROXIES)
  if (isMissing(name)) console.warn(`SKIPPED: there is no ${name} on this machine.`);

const RIGHT = { request: 'login', username: ADA.username, password: ADA.password };
const WRONG = { ...RIGHT, password: 'not the password of ada' };
const STATUS = { request: 'login status' };

interface Asked {
  /** The client's address on this machine. */
  from?: string;
  /** Directly to the service, or to the proxy over http. */
  to?: 'service' | 'http';
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  agent?: https.Agent;
}

interface Answered {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

function options(
  { ports, authorityFile }: ProxiedService,
  asked: Asked,
): RequestOptions & https.RequestOptions {
  const { from = '127.0.0.2', to, method = 'POST', path = '/', headers, agent } = asked;
  return {
    host: '127.0.0.1',
    port: ports[to ?? 'https'],
    localAddress: from,
    method,
    path,
    headers: { host: `${HOST}:${ports.https}`, origin: FOO, 'content-type': 'application/json', ...headers },
    ...(to === undefined && { servername: HOST, ca: readFileSync(authorityFile) }),
    agent: agent ?? false,
  };
}

async function ask(site: ProxiedService, body: unknown, asked: Asked = {}): Promise<Answered> {
  const client = asked.to === undefined ? https : http;
  const request = client.request(options(site, asked));
  request.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const content = await text(response);
  const isJson = /json/.test(response.headers['content-type'] ?? '');
  return { status: response.statusCode, headers: response.headers, body: isJson ? JSON.parse(content) : {} };
}

const cookieOf = ({ headers }: Answered) => headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';

/** The addresses in the audit trail's records of one kind. */
async function audited({ variables }: ProxiedService, kind: string): Promise<string[]> {
  const { stdout } = await runProgram('cli.ts', ['audit', '--kind', kind, '--json'], variables);
  return (JSON.parse(stdout) as { address: string }[]).map(({ address }) => address);
}

describe.each(PROXIES)('behind %s', (name) => {
  beforeEach(({ skip }) => skip(isMissing(name)));

  test('cookies and CORS headers reach the browser as the service sends them', async () => {
    const site = await serviceBehind(name);
    const login = await ask(site, RIGHT);
    expect([login.status, login.body['status']]).toEqual([200, 'signed in']);
    const [, ...attributes] = login.headers['set-cookie']?.[0]?.split('; ') ?? [];
    expect(attributes.sort()).toEqual([
      'HttpOnly',
      'Max-Age=43200',
      'Path=/',
      'Priority=High',
      'SameSite=Strict',
      'Secure',
    ]);

    const preflight = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const cookie = cookieOf(login);
    for (const [body, asked] of [
      [STATUS, { headers: { cookie } }],
      [{ request: 'authentication token' }, { headers: { cookie } }],
      [{ request: 'nonsense' }, {}],
      [STATUS, { headers: { origin: 'https://evil.example' } }],
      [undefined, { method: 'OPTIONS', headers: preflight }],
      [undefined, { method: 'GET', path: '/.well-known/oauth-authorization-server' }],
    ] as const) {
      const [through, direct] = [
        await ask(site, body, asked),
        await ask(site, body, { ...asked, to: 'service' }),
      ];
      const said = ({ status, headers }: Answered) => {
        const policy = Object.entries(headers).filter(([header]) =>
          /^(access-control|vary|cache|content-s)/.test(header),
        );
        return { status, ...Object.fromEntries(policy) };
      };
      expect(said(through)).toEqual(said(direct));
      if (body !== undefined && !('token' in direct.body)) expect(through.body).toEqual(direct.body);
    }
    const status = await ask(site, STATUS, { headers: { cookie } });
    expect(status.headers['access-control-allow-origin']).toBe(FOO);
    expect(status.body['status']).toBe('signed in');
  });

  test('throttling, sessions, and the audit trail use the client’s real address [T-PROXY-01]', async () => {
    const site = await serviceBehind(name);
    const forged = {
      'x-forwarded-for': '203.0.113.7, 127.0.0.1',
      'x-real-ip': '203.0.113.7',
      forwarded: 'for=203.0.113.7',
    };
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      const headers = { ...forged, 'x-forwarded-for': `203.0.113.${attempt}` };
      expect((await ask(site, WRONG, { from: '127.0.0.2', headers })).status).toBe(401);
    }
    expect((await ask(site, RIGHT, { from: '127.0.0.2', headers: forged })).status).toBe(429);
    const login = await ask(site, RIGHT, { from: '127.0.0.3', headers: forged });
    expect(login.status).toBe(200);

    const overview = {
      method: 'GET',
      path: '/account/overview',
      headers: { origin: site.origin, cookie: cookieOf(login) },
    };
    const { body } = await ask(site, undefined, overview);
    expect(body['sessions']).toMatchObject([{ address: '127.0.0.3' }]);
    expect(await audited(site, 'login failed')).toEqual(Array(10).fill('127.0.0.2'));
    expect(await audited(site, 'session started')).toEqual(['127.0.0.3']);
  });

  test('a client that bypasses the proxy can’t set its address [T-PROXY-01]', async () => {
    const site = await serviceBehind(name);
    const direct = (attempt: number) => ({
      from: '127.0.0.9',
      to: 'service' as const,
      headers: { 'x-forwarded-for': `203.0.113.${attempt}`, 'x-forwarded-proto': 'http' },
    });
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      expect((await ask(site, WRONG, direct(attempt))).status).toBe(401);
    }
    expect((await ask(site, RIGHT, direct(11))).status).toBe(429);
    expect(await audited(site, 'login failed')).toEqual(Array(10).fill('127.0.0.9'));
  });

  test('a proxy that isn’t trusted is treated as a client [T-PROXY-01]', async () => {
    const site = await serviceBehind(name, { trusted: '192.0.2.0/24' });
    expect((await ask(site, RIGHT, { from: '127.0.0.2' })).status).toBe(200);
    await expect
      .poll(site.warnings)
      .toEqual([expect.stringMatching(/^127\.0\.0\.1 sends x-forwarded-for, /)]);
    expect(await audited(site, 'session started')).toEqual(['127.0.0.1']);
    expect((await ask(site, STATUS, { to: 'http' })).status).toBe(200);
  });

  test('a proxy that connects from ::1 is trusted as 127.0.0.1 [T-PROXY-02]', async () => {
    const site = await serviceBehind(name, { isByIpv6: true });
    for (let attempt = 1; attempt <= 10; attempt += 1) expect((await ask(site, WRONG)).status).toBe(401);
    expect((await ask(site, RIGHT, { from: '127.0.0.3' })).status).toBe(200);
    expect(await audited(site, 'login failed')).toEqual(Array(10).fill('127.0.0.2'));
  });

  test('a request over plain http is refused and has no effect [T-PROXY-05]', async () => {
    const site = await serviceBehind(name);
    for (const headers of [{}, { 'x-forwarded-proto': 'https' }]) {
      const answer = await ask(site, RIGHT, { to: 'http', headers });
      expect([answer.status, answer.body['code']]).toEqual([400, 'invalid-request']);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    await expect
      .poll(site.warnings)
      .toEqual([expect.stringContaining('from the proxy 127.0.0.1 contains "http" as value 1 of 1')]);
    expect(await audited(site, 'session started')).toEqual([]);
  });

  test('a request that is too large gets the service’s own response, which pages can read', async () => {
    const site = await serviceBehind(name);
    // From 1 MB on, nginx responds itself.
    for (const bytes of [4097, 60_000, 900_000]) {
      const answer = await ask(site, { request: 'login', username: 'x'.repeat(bytes) });
      expect([answer.status, answer.body['code']]).toEqual([413, 'too-large']);
      expect(answer.headers['access-control-allow-origin']).toBe(FOO);
    }
  });

  test('one connection serves many requests, and clients that disconnect affect nobody', async () => {
    const site = await serviceBehind(name);
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    const login = await ask(site, RIGHT, { agent });
    const headers = { cookie: cookieOf(login) };
    for (let count = 1; count <= 20; count += 1) {
      const gone = https.request(options(site, {})).on('error', () => {});
      gone.setHeader('content-length', 1000);
      gone.write(JSON.stringify(count % 2 === 0 ? STATUS : WRONG), () => gone.destroy());
      await new Promise((resolve) => gone.once('close', resolve));
      expect((await ask(site, STATUS, { agent, headers })).body['status']).toBe('signed in');
    }
    agent.destroy();
  });
});

describe('behind two nginx in a row', () => {
  beforeEach(({ skip }) => skip(isMissing('nginx')));

  test('the client’s address is known if the second proxy forwards the first one’s header', async () => {
    const site = await serviceBehind('nginx', { second: 'the received scheme' });
    expect((await ask(site, RIGHT, { from: '127.0.0.2' })).status).toBe(200);
    expect(await audited(site, 'session started')).toEqual(['127.0.0.2']);
    expect(site.warnings()).toEqual([]);
    expect((await ask(site, STATUS, { to: 'http' })).status).toBe(400);
  });

  test('every request is refused and logged if the second proxy reports http', async () => {
    const site = await serviceBehind('nginx', { second: 'its own scheme' });
    for (let count = 0; count < 2; count += 1) expect((await ask(site, STATUS)).status).toBe(400);
    await expect
      .poll(site.warnings)
      .toEqual([
        expect.stringMatching(
          /from the proxy 127\.0\.0\.1 contains "http" as value 1 of 1, not "https": .*must pass on/,
        ),
      ]);
  });
});
