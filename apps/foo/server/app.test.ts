import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { seedSession } from '../../../packages/relying-app/src/seeded-session.fixture.ts';
import { buildApp, type PageServer } from './app.ts';
import type { Config } from './config.ts';
import { fillSettings, servePage } from './page.ts';

const SSO = 'https://sso.example.com';

async function testApp(settings: Partial<Config> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'samesite-sso-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const config: Config = {
    origin: 'https://bar.example.com',
    name: 'Bar',
    listen: { host: '127.0.0.1', port: 4003 },
    database: path.join(folder, 'bar.db'),
    sealingKeyFile: null,
    ssoOrigin: SSO,
    ssoServerUrl: SSO,
    tls: null,
    sessionSeconds: 1800,
    logLevel: 'silent',
    otherApp: null,
    link: null,
    signIn: 'automatic',
    ...settings,
  };
  // The policy of the built page with a stub page, so that the tests need no build.
  const serve: PageServer = Object.assign(
    async (app: Parameters<PageServer>[0]) => void app.get('/', async () => 'the page'),
    { content: servePage.content },
  );
  const app = await buildApp(config, serve);
  onTestFinished(() => app.close());
  return app;
}

test('GET /api/me responds 401 if nobody is signed in', async () => {
  const app = await testApp();
  const answer = await app.inject('/api/me');
  expect(answer.statusCode).toBe(401);
  expect(answer.json()).toMatchObject({ code: 'not-signed-in' });
  expect(answer.headers['cache-control']).toBe('no-store');
});

type SignIn = NonNullable<NonNullable<Parameters<typeof seedSession>[1]>['amr']>;
const SIGN_INS: [how: string, amr: SignIn, ageSeconds: number, status: number][] = [
  ['a password', ['pwd'], 0, 401],
  ['a password and a code', ['pwd', 'otp', 'mfa'], 0, 200],
  ['a password and a code', ['pwd', 'otp', 'mfa'], 3600, 401],
  ['a passkey', ['pop', 'user', 'mfa'], 0, 200],
];

test.each(SIGN_INS)(
  'GET /api/payslip after a sign-in with %s (%j) %d s ago responds %d',
  async (_how, amr, age, status) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'samesite-sso-app-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const database = path.join(folder, 'bar.db');
    const signedInAt = Date.now() - age * 1000;
    const seed = { clock: () => signedInAt, ttlSeconds: 7200, amr };
    const cookie = await seedSession(database, seed);
    const app = await testApp({ database });
    const answer = await app.inject({ url: '/api/payslip', headers: { cookie } });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['cache-control']).toBe('no-store');
    if (status === 200) expect(answer.json()).toMatchObject({ accountId: 'a1' });
    else {
      const demands = { maxAge: 600, factors: 2 };
      expect(answer.json()).toMatchObject({ code: 'insufficient-user-authentication', ...demands });
      expect(answer.headers['www-authenticate']).toContain('max_age="600"');
    }
  },
);

test.each([
  ['of the group', ['admins', 'staff'], 200],
  ['of another group', ['admins'], 403],
  ['of no group', [], 403],
])('GET /api/reports responds to a member %s (%j) with %d', async (_who, groups, status) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'samesite-sso-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const database = path.join(folder, 'bar.db');
  const cookie = await seedSession(database, { groups });
  const app = await testApp({ database });
  const answer = await app.inject({ url: '/api/reports', headers: { cookie } });
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.json()).toMatchObject(
    status === 200 ? { reports: [{ pages: 66 }] } : { code: 'not-permitted' },
  );
});

test('GET /api/reports responds 401 if nobody is signed in', async () => {
  const answer = await (await testApp()).inject('/api/reports');
  expect([answer.statusCode, answer.json().code]).toEqual([401, 'not-signed-in']);
});

test('the page’s policy allows only its own files, its app and the SSO service', async () => {
  const app = await testApp();
  const policy = String((await app.inject('/')).headers['content-security-policy']);
  expect(policy.split(';').sort()).toEqual([
    "base-uri 'none'",
    `connect-src 'self' ${SSO}`,
    "default-src 'none'",
    "font-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "img-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
  ]);
});

test('the app sends Strict-Transport-Security, except on a loopback name', async () => {
  const header = 'strict-transport-security';
  const settings = {
    origin: 'https://bar.example.localhost:4003',
    ssoOrigin: 'https://sso.example.localhost:4000',
  };
  expect((await (await testApp()).inject('/')).headers[header]).toContain('max-age=31536000');
  expect((await (await testApp(settings)).inject('/')).headers[header]).toBeUndefined();
});

test('no response of the app has a CORS header', async () => {
  const app = await testApp();
  for (const url of ['/', '/session', '/api/me', '/.well-known/jwks.json', '/livez', '/nothing']) {
    const { headers } = await app.inject({ url, headers: { origin: SSO } });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
});

test('the app responds to an unknown path and to another method with a problem', async () => {
  const app = await testApp();
  expect((await app.inject('/nothing')).json()).toMatchObject({ status: 404, code: 'not-found' });
  const answer = await app.inject({ method: 'PUT', url: '/session' });
  expect(answer.json()).toMatchObject({ status: 405, code: 'method-not-allowed' });
  expect(answer.headers['allow']).toBe('GET, HEAD, POST, DELETE');
});

test.each(['/', '/session', '/api/me', '/.well-known/jwks.json', '/livez', '/readyz'])(
  'the app responds to HEAD as to GET, without a body: %s',
  async (url) => {
    const app = await testApp();
    const [get, head] = [await app.inject(url), await app.inject({ method: 'HEAD', url })];
    const { date: _date, ...headers } = head.headers;
    expect([head.statusCode, head.body]).toEqual([get.statusCode, '']);
    expect(get.headers).toMatchObject(headers);
  },
);

test('the app’s name is escaped in the page', () => {
  const name = `"><script>alert('$&')</script>`;
  const document = documentOf({ name });
  expect(document).not.toContain('<script>');
  expect(settingsIn(document)).toEqual({ name, ssoOrigin: SSO, signIn: 'confirm' });
});

test('the page’s settings contain the other app and the link if they are configured', () => {
  const otherApp = { name: 'Baz', origin: 'https://baz.example.com' };
  const link = { name: 'More about this', origin: 'https://more.example.com' };
  expect(settingsIn(documentOf({ otherApp, link }))).toMatchObject({ otherApp, link });
  expect(settingsIn(documentOf({ link }))).toMatchObject({ link });
  expect(settingsIn(documentOf({ link }))).not.toHaveProperty('otherApp');
});

function documentOf(config: Partial<Config>): string {
  const settings = { name: 'Bar', ssoOrigin: SSO, signIn: 'confirm', otherApp: null, link: null, ...config };
  return fillSettings('<meta name="app" content="%APP%">', settings as Config);
}

/** Returns the settings that the page reads from its document. */
function settingsIn(document: string): unknown {
  const content = /content="([^"]*)"/.exec(document)?.[1] ?? '';
  return JSON.parse(content.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))));
}
