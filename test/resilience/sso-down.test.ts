/**
 * An app whose SSO service is down, slow, hanging, or sends junk: its sessions go on, no new session starts,
 * and it recovers by itself. e2e/stories/outage.spec.ts tests the page.
 */
import { createServer, request as forward, type RequestListener, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { SSO_PATHS } from '@samesite-sso/protocol';
import { decodeJwt } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import type { Browser, Party } from '../support/browser.ts';
import type { Answer } from '../support/http.ts';
import { listen } from '../support/listen.ts';
import { type RunningSite, runningSite } from '../support/process-site.ts';
import { MEBIBYTE, residentMemory } from './resident-memory.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

const says =
  (status: number, body: string, headers: Record<string, string> = JSON_TYPE): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, headers).end(body);

const flood = (response: ServerResponse) => {
  while (!response.destroyed && response.write('x'.repeat(16_384)));
  response.once('drain', () => flood(response));
};

/** Each makes the app's server wait until its timeout. */
const SILENT: Record<string, RequestListener> = {
  'accepts and says nothing': () => {},
  'sends headers and no body': (_request, response) => response.writeHead(200, JSON_TYPE).flushHeaders(),
  'sends a body that never ends': (_request, response) => {
    response.writeHead(200, JSON_TYPE).write('{');
    const trickle = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(trickle));
  },
};

const JUNK: Record<string, RequestListener> = {
  resets: (request) => void request.socket.resetAndDestroy(),
  'hangs up': (request) => void request.socket.destroy(),
  'responds with a page': says(200, '<!doctype html><title>Back soon</title>', {
    'content-type': 'text/html',
  }),
  'responds with half of the JSON': says(200, '{"active":true,"iss":"http'),
  'responds with other members': says(200, '{"active":true,"keys":{}}'),
  'responds with null': says(200, 'null'),
  'responds 500': says(500, '{"active":true,"keys":[]}'),
  'responds 503': says(503, '{"code":"unavailable"}'),
  redirects: says(307, '', { location: '/elsewhere' }),
  floods: (_request, response) => flood(response),
};

interface Network {
  /** The app's `SSO_SERVER_URL`. */
  readonly address: string;
  /** The SSO service's own address. */
  target: string;
  /** Handles requests in place of the SSO service; null forwards them. */
  failure: RequestListener | null;
  /** Requested paths, in order. */
  readonly asked: string[];
  /** The number of open connections. */
  readonly connections: number;
  /** Stops listening and closes every connection. */
  vanish(): Promise<void>;
  comeBack(): Promise<void>;
  /** Forwards a request. */
  readonly carry: RequestListener;
}

async function startNetwork(): Promise<Network> {
  const sockets = new Set<Socket>();
  const carry: RequestListener = (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const onward = forward(new URL(url ?? '/', network.target), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  };
  const server = createServer((incoming, outgoing) => {
    network.asked.push(incoming.url ?? '');
    (network.failure ?? carry)(incoming, outgoing);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const first = await listen(server);
  onTestFinished(first.close);
  const network: Network = {
    address: first.url,
    target: '',
    failure: null,
    asked: [],
    get connections() {
      return sockets.size;
    },
    vanish: first.close,
    comeBack: async () => void (await listen(server, first.port)),
    carry,
  };
  return network;
}

interface Site extends RunningSite {
  network: Network;
  /** Signed in at foo. */
  ada: Browser;
  /** Signed in at the SSO service only. */
  newcomer: Browser;
}

/** A site whose foo reaches the SSO service over a network that the test controls. */
async function siteWithNetwork(): Promise<Site> {
  const network = await startNetwork();
  const site = await runningSite({ environment: { foo: { SSO_SERVER_URL: network.address } } });
  network.target = site.sso.address;
  const person = site.person();
  await person.logIn();
  const newcomer = person.copy();
  expect((await person.signInAt(site.foo)).status).toBe(201);
  return { ...site, network, ada: person, newcomer };
}

const timed = async <Result>(work: Promise<Result>): Promise<[result: Result, milliseconds: number]> => {
  const started = performance.now();
  return [await work, performance.now() - started];
};

const protectedRoute = (app: Party, person: Browser): Promise<Answer> =>
  person.send(app, { path: '/api/me' });

async function expectSessionsToGoOn({ foo, ada }: Site, what: string): Promise<void> {
  const [step1, milliseconds] = await timed(ada.appSession(foo));
  expect(step1.body, what).toMatchObject({ status: 'signed in' });
  expect(milliseconds, what).toBeLessThan(1000);
  expect((await protectedRoute(foo, ada)).status, what).toBe(200);
}

async function expectNoNewSession({ foo, newcomer }: Site, what: string): Promise<void> {
  const [answer, milliseconds] = await timed(newcomer.signInAt(foo));
  expect([answer.status, answer.body['code']], what).toEqual([503, 'sso-unavailable']);
  expect(answer.headers['set-cookie'] ?? [], what).toEqual([]);
  expect(milliseconds, what).toBeLessThan(5000);
  expect((await newcomer.appSession(foo)).body, what).toEqual({ status: 'signed out' });
}

/** A person can sign in again without a restart of foo. Signs them out afterwards. */
async function expectRecovery({ foo, newcomer, network }: Site, what: string): Promise<void> {
  network.failure = null;
  await expect
    .poll(async () => (await newcomer.signInAt(foo)).status, { message: what, timeout: 5000, interval: 100 })
    .toBe(201);
  await newcomer.signOutAt(foo);
}

async function expectAllOf(site: Site, failure: RequestListener, what: string): Promise<void> {
  site.network.failure = failure;
  const refused = expectNoNewSession(site, what);
  await expectSessionsToGoOn(site, what);
  await refused;
  await expectSessionsToGoOn(site, what);
  await expectRecovery(site, what);
}

test('an app keeps its sessions and recovers when the SSO service hangs or fails [T-OUTAGE-01]', async () => {
  const site = await siteWithNetwork();
  for (const [what, failure] of Object.entries({ ...SILENT, ...JUNK }))
    await expectAllOf(site, failure, what);
  expect(site.network.asked).not.toContain('/elsewhere');
});

test('an app that restarts while the SSO service hangs or sends junk recovers by itself', async () => {
  const site = await siteWithNetwork();
  for (const what of ['accepts and says nothing', 'responds with a page', 'responds with other members']) {
    const failure = { ...SILENT, ...JUNK }[what];
    if (failure === undefined) throw new Error(what);
    site.network.failure = failure;
    await site.foo.stop();
    await site.foo.start();
    await expectAllOf(site, failure, what);
  }
});

test('an app keeps its sessions and recovers by itself while the SSO service is unreachable', async () => {
  const site = await siteWithNetwork();
  const token = await site.newcomer.token(site.foo);
  await site.network.vanish();
  await expectNoNewSession(site, 'gone');
  await expectSessionsToGoOn(site, 'gone');
  await site.network.comeBack();
  // The refused token wasn't redeemed, so it is still valid.
  await expect
    .poll(async () => (await site.newcomer.redeem(site.foo, token)).status, { timeout: 5000 })
    .toBe(201);
});

test('an app waits for a slow SSO service, and after its timeout signs nobody in [T-OUTAGE-02]', async () => {
  const site = await siteWithNetwork();
  const late = (milliseconds: number): RequestListener => {
    return async (request, response) => {
      await pause(milliseconds);
      site.network.carry(request, response);
    };
  };
  site.network.failure = late(700);
  expect((await site.newcomer.signInAt(site.foo)).status).toBe(201);
  await site.newcomer.signOutAt(site.foo);
  site.network.failure = late(3000);
  await expectNoNewSession(site, 'slow');
  await expectRecovery(site, 'slow');
});

test('a fake SSO service can’t sign in anyone but the person the token names [T-OUTAGE-01]', async () => {
  const site = await siteWithNetwork();
  const token = await site.newcomer.token(site.foo);
  const signIn = { auth_time: 1_700_000_000, amr: ['pwd'], groups: [], session_exp: 4_000_000_000 };
  const claims = { ...decodeJwt(token), username: 'grace', name: 'Grace Hopper', ...signIn };
  for (const lie of [{ sub: 'grace' }, { aud: site.lorem.origin }, { sid: 'another' }, { jti: 'another' }]) {
    site.network.failure = (request, response) => {
      if (request.url !== SSO_PATHS.introspection) return site.network.carry(request, response);
      return response.writeHead(200, JSON_TYPE).end(JSON.stringify({ active: true, ...claims, ...lie }));
    };
    const answer = await site.newcomer.redeem(site.foo, token);
    expect([answer.status, answer.headers['set-cookie'] ?? []], Object.keys(lie)[0]).toEqual([503, []]);
  }
});

test('400 sign-ins that wait for a hanging SSO service slow nobody else down [T-OUTAGE-02]', async () => {
  const site = await siteWithNetwork();
  const { foo, network, newcomer } = site;
  const tokens = [];
  while (tokens.length < 400) tokens.push(await newcomer.token(foo));
  network.failure = () => {};
  const before = residentMemory(foo.pid);
  const waiting = Promise.all(tokens.map((token) => newcomer.copy().redeem(foo, token)));
  let connections = 0;
  const looking = setInterval(() => {
    connections = Math.max(connections, network.connections);
  }, 20);
  await expect.poll(() => connections, { timeout: 5000 }).toBeGreaterThan(100);
  await expectSessionsToGoOn(site, 'while 400 wait');
  const codes = (await waiting).map(({ body }) => body['code']);
  clearInterval(looking);
  expect(new Set(codes)).toEqual(new Set(['sso-unavailable']));
  expect(connections).toBeLessThanOrEqual(260);
  expect(residentMemory(foo.pid) - before).toBeLessThan(150 * MEBIBYTE);
  await expect.poll(() => network.connections).toBeLessThan(10);
  await expectRecovery(site, 'after 400 have waited');
});

test('400 parallel redemptions of one token use one connection to the service [T-OUTAGE-02]', async () => {
  const site = await siteWithNetwork();
  const { foo, network, newcomer } = site;
  const token = await newcomer.token(foo);
  network.failure = () => {};
  const idle = network.connections;
  const waiting = Promise.all(Array.from({ length: 400 }, () => newcomer.copy().redeem(foo, token)));
  let connections = 0;
  const looking = setInterval(() => {
    connections = Math.max(connections, network.connections - idle);
  }, 20);
  const answers = await waiting;
  clearInterval(looking);
  expect(new Set(answers.map(({ status, body }) => `${status} ${body['code']}`))).toEqual(
    new Set(['503 sso-unavailable']),
  );
  expect(connections).toBeLessThanOrEqual(2);
});
