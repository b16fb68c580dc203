/** The reporter in the site's real processes, and a lab that records what they report. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { REPORTER_OPTIONS, reporterEnvironmentOf } from '../../../scripts/site/lab.ts';
import { freePorts } from '../../../scripts/site/ports.ts';
import { type Site, startSite } from '../../../scripts/site/site.ts';
import { processNames, type SiteSettings } from '../../../scripts/site/site-settings.ts';
import { addDemoAccounts } from '../../../test/support/accounts.ts';
import { ADA, Browser, keepAliveAgent } from '../../../test/support/browser.ts';
import { localServer } from '../../../test/support/local-server.fixture.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { recordingLab, valuesOf } from './recording-lab.fixture.ts';

async function reportingSite(scheme: 'http' | 'https' = 'http') {
  const folder = temporaryFolder();
  const settings: SiteSettings = { scheme, ports: await freePorts(), folder, certificates: null };
  const environment = Object.fromEntries(
    processNames.map((name) => [
      name,
      { ...reporterEnvironmentOf(settings, name), NODE_OPTIONS: REPORTER_OPTIONS.join(' ') },
    ]),
  );
  const site = await startSite({ ...settings, environment, addAccounts: addDemoAccounts });
  onTestFinished(() => site.stop());
  return { site, reportFile: join(folder, 'lab-reports.json') };
}

it('every message of two sign-ins and a sign-out is reported without secrets [T-LAB-01]', async () => {
  const { site, reportFile } = await reportingSite();
  const { sso, foo, lorem } = site;
  const lab = await recordingLab(reportFile);
  const browser = new Browser(site, ADA, keepAliveAgent);
  const secrets = new Set<string>([ADA.password]);
  const keepSecrets = () => {
    for (const cookie of browser.cookies.values()) secrets.add(cookie.split('=')[1] ?? '');
  };

  await browser.send(sso, {
    method: 'OPTIONS',
    headers: { origin: foo.origin, 'access-control-request-method': 'POST' },
  });
  await browser.appSession(foo);
  await browser.loginStatus();
  await browser.logIn();
  keepSecrets();
  for (const app of [foo, lorem]) {
    const token = await browser.token(app);
    secrets.add(token.slice(token.lastIndexOf('.')));
    expect((await browser.redeem(app, token)).status).toBe(201);
    keepSecrets();
  }
  await browser.send(foo, {
    method: 'DELETE',
    path: '/session?scope=site',
    headers: { origin: foo.origin },
  });

  await lab.expectCompleted('logout token', 4); // Each is sent and received.
  const [preflight] = await lab.expectCompleted('preflight');
  expect(valuesOf(preflight?.response ?? null, 'access-control-allow-origin')).toEqual([foo.origin]);
  await lab.expectCompleted('app session');
  const [status] = await lab.expectCompleted('login status');
  expect(status).toMatchObject({ reporter: 'sso', client: 'browser', direction: 'received' });
  const [login] = await lab.expectCompleted('login');
  expect(login?.request.body).toBe('{"request":"login","username":"ada","password":"(hidden)"}');
  expect(valuesOf(login?.response ?? null, 'set-cookie')).toEqual([
    expect.stringMatching(
      /^__Host-sso=[\w-]{6}…; Max-Age=\d+; Path=\/; HttpOnly; Secure; .*SameSite=Strict$/,
    ),
  ]);
  const issued = await lab.expectCompleted('authentication token', 2);
  expect(issued.map(({ response }) => response?.tokens)).toMatchObject(
    [foo, lorem].map(({ origin }) => [{ member: 'token', claims: { aud: origin }, signature: 'valid' }]),
  );
  expect(valuesOf(issued[0]?.request ?? null, 'cookie')).toEqual([
    expect.stringMatching(/^__Host-sso=[\w-]{6}…$/),
  ]);
  await lab.expectCompleted('start app session', 2);
  await lab.expectCompleted('end app session');

  const introspections = await lab.expectCompleted('introspection', 4);
  for (const { request, client } of introspections) {
    expect(client).toBe('server');
    expect(request.tokens).toMatchObject([
      { member: 'token', signature: 'valid' },
      { member: 'client_assertion', signature: 'valid' },
    ]);
  }
  // Foo's request, as foo sent it and as the SSO service received it.
  const sent = introspections.find(({ reporter }) => reporter === 'foo');
  const received = introspections.find(
    ({ reporter, clientPort }) => reporter === 'sso' && clientPort === sent?.clientPort,
  );
  expect(sent?.direction).toBe('sent');
  expect(received).toMatchObject({ direction: 'received', request: { body: sent?.request.body } });

  await lab.expectCompleted('end session', 2);
  const keySets = lab.completed('key set');
  expect(keySets.filter(({ direction }) => direction === 'sent').length).toBeGreaterThan(2);
  expect(keySets.flatMap(({ request }) => valuesOf(request, 'user-agent'))).not.toContain('samesite-sso-lab');

  // The password, three cookies, and the signatures of two tokens.
  expect([...secrets].filter((secret) => secret.length > 20)).toHaveLength(6);
  const reports = lab.received.join('\n');
  expect([...secrets].filter((secret) => reports.includes(secret.slice(6)))).toEqual([]);
});

it('over https, signatures are checked by key sets that are fetched over https', async () => {
  const { site, reportFile } = await reportingSite('https');
  const lab = await recordingLab(reportFile);
  const loggedIn = await postOverHttps(site, { request: 'login', ...credentials });
  const cookie = loggedIn.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  await postOverHttps(site, { request: 'authentication token' }, { cookie });
  const [issued] = await lab.expectCompleted('authentication token');
  expect(issued?.response?.tokens).toMatchObject([{ signature: 'valid' }]);
});

const credentials = { username: ADA.username, password: ADA.password };

/** A request to the cross-origin endpoint from foo's page. */
async function postOverHttps({ sso, foo, certificates }: Site, body: object, headers = {}) {
  const sent = request(sso.address, {
    method: 'POST',
    ca: readFileSync(certificates?.authorityFile ?? ''),
    agent: false,
    headers: { ...headers, origin: foo.origin, 'content-type': 'application/json' },
  });
  sent.end(JSON.stringify(body));
  const [response] = await once(sent, 'response');
  expect(response.statusCode).toBe(200);
  await json(response);
  return response;
}

it('without the lab, the site works, and its processes end when they are told to [T-LAB-07]', async () => {
  const { site, reportFile } = await reportingSite();
  const browser = new Browser(site, ADA, keepAliveAgent);
  await browser.signIn();
  expect((await browser.sessionAt(site.foo))['status']).toBe('signed in');
  // A lab that hangs accepts the report but never responds.
  const hanging = await localServer(() => {});
  writeFileSync(reportFile, JSON.stringify({ url: `${hanging.url}/reports`, secret: 'secret' }), {
    mode: 0o600,
  });
  await expect
    .poll(async () => {
      await browser.appSession(site.foo);
      return hanging.requests();
    })
    .toBeGreaterThan(0);
  expect(await site.foo.end('SIGTERM')).toBe('ended with status 0');
});

/** Runs a module in a process with the reporter. */
async function runModule(source: string, environment: Record<string, string>) {
  const child = spawn(process.execPath, [...REPORTER_OPTIONS, '--input-type=module', '--eval', source], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { stdout, stderr, status };
}

const ENVIRONMENT = {
  LAB_PROCESS: 'foo',
  LAB_REPORT_FILE: '/nowhere/lab-reports.json',
  LAB_KEY_SETS: 'http://sso.example.localhost:4000=http://127.0.0.1:4000/.well-known/jwks.json',
  APP_ORIGIN: 'http://foo.app.example.localhost:4001',
  SSO_ORIGIN: 'http://sso.example.localhost:4000',
};

it.each([
  [{ APP_ORIGIN: 'https://foo.app.example.com' }, 'APP_ORIGIN is not on a loopback name'],
  [{ LAB_PROCESS: '' }, 'LAB_PROCESS is empty'],
])('with %j, a server does not start, and says why in one line [T-LAB-05]', async (variables, reason) => {
  const ended = await runModule('console.log("started")', { ...ENVIRONMENT, ...variables });
  expect(ended).toMatchObject({ status: 1, stdout: '' });
  expect(ended.stderr).toMatch(new RegExp(`^the lab's reporter can't start: ${reason}.*\n$`));
});

it('a report that is queued or unanswered does not keep its process running', async () => {
  const reported = Promise.withResolvers<void>();
  const lab = await localServer(() => reported.resolve());
  const peer = await localServer(async ({ url }, response) => {
    if (url === '/reported') await reported.promise;
    response.end();
  });
  const reportFile = join(temporaryFolder(), 'lab-reports.json');
  writeFileSync(reportFile, JSON.stringify({ url: `${lab.url}/reports`, secret: 'secret' }), { mode: 0o600 });
  const source = `
    for (const path of ['/', '/reported']) {
      await (await fetch('${peer.url}' + path)).text();
      await new Promise(setImmediate); // Then fetch has released its connection.
      console.log(path, process.getActiveResourcesInfo().filter((type) => !/^Pipe|^TTY/.test(type)));
    }`;
  const ended = await runModule(source, { ...ENVIRONMENT, LAB_REPORT_FILE: reportFile });
  expect(ended).toEqual({ stdout: '/ []\n/reported []\n', stderr: '', status: 0 });
});
