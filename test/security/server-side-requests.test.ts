/**
 * The attacker reaches the servers or runs an app. They want the servers to send a request to an address
 * that they choose (SSRF). The SSO service sends requests only to apps, for keys and logout tokens; apps
 * only to the SSO service.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { APP_PATHS, AUTHENTICATION_TOKEN_TYPE, LOGOUT_TOKEN_TYPE, SSO_PATHS } from '@samesite-sso/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import { postForm, send } from '../support/http.ts';
import { localServer } from '../support/local-server.fixture.ts';
import { site } from '../support/site.ts';
import { logoutClaims, signedBy, tokenClaims, unpublishedKey } from './create-jws.ts';
import { arrivals, askAs, assertionClaims, EVIL, formOf, siteWith } from './introspect.ts';

/** A server that counts connections of any protocol. Nothing may connect to it. */
async function canary(): Promise<{ url: string; connections: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, connections: () => connections };
}

/** Header parameters and claims with URLs that some implementations follow. */
const pointers = (url: string): object[] => [
  { jku: url },
  { jku: `${url}/.well-known/jwks.json`, jwks_uri: url },
  { x5u: url },
  { kid: url },
  { kid: `${url}/.well-known/jwks.json` },
  { iss: url, x5u: url, jku: url, jwk: { jku: url } },
];

const steering = (url: string): Record<string, string> => ({
  host: new URL(url).host,
  forwarded: `host=${new URL(url).host}`,
  'x-forwarded-host': new URL(url).host,
  'x-forwarded-server': new URL(url).host,
  'x-original-url': url,
  'x-rewrite-url': url,
  referer: url,
  via: `1.1 ${new URL(url).host}`,
});

describe('no server connects to an attacker’s address', () => {
  test('named in a token at an app [T-SSRF-01]', async () => {
    const [at, trap] = [await site(), await canary()];
    const before = await at.state();
    for (const pointer of pointers(trap.url)) {
      const token = statement(
        { typ: AUTHENTICATION_TOKEN_TYPE, ...pointer },
        tokenClaims(at, at.foo, pointer),
      );
      expect((await new Browser(at).redeem(at.foo, token, steering(trap.url))).status).toBe(401);
      const logout_token = statement(
        { typ: LOGOUT_TOKEN_TYPE, ...pointer },
        logoutClaims(at, at.foo, 's1', pointer),
      );
      const answer = await postForm(
        at.foo,
        APP_PATHS.backchannelLogout,
        { logout_token },
        steering(trap.url),
      );
      expect(answer.status).toBe(400);
    }
    expect(trap.connections()).toBe(0);
    expect(await at.state()).toEqual(before);
  });

  test('named in a client assertion or its form at the SSO service [T-SSRF-01]', async () => {
    const [at, trap] = [await site(), await canary()];
    const before = await at.state();
    const { url } = trap;
    const about = { client_id: url, jwks_uri: url, jwks_url: url, server: url, request_uri: url };
    const trapped = { origin: url };
    for (const pointer of pointers(url)) {
      for (const claims of [assertionClaims(at, trapped), assertionClaims(at, at.foo, pointer)]) {
        const form = { ...formOf(url, statement(pointer, claims)), ...about };
        const answer = await postForm(at.sso, SSO_PATHS.introspection, form, {
          origin: url,
          ...steering(url),
        });
        expect(answer.status).toBe(401);
      }
    }
    expect(trap.connections()).toBe(0);
    expect(await at.state()).toEqual(before);
  });

  test('named in the headers of a person’s requests, from sign-in to sign-out [T-SSRF-01]', async () => {
    const [at, trap] = [await site(), await canary()];
    const told = arrivals(at.foo, APP_PATHS.backchannelLogout);
    const person = new Browser(at);
    const ask = (body: object, origin = at.foo.origin) => {
      const headers = { 'content-type': 'application/json', ...steering(trap.url), origin };
      return person.send(at.sso, { method: 'POST', path: '/', headers, body: JSON.stringify(body) });
    };
    await ask({ request: 'login', username: ADA.username, password: ADA.password });
    const token = (await ask({ request: 'authentication token' })).body['token'];
    expect((await ask({ request: 'authentication token' }, trap.url)).status).toBe(403);
    expect((await person.redeem(at.foo, token, steering(trap.url))).status).toBe(201);
    await ask({ request: 'logout' });
    await expect.poll(told, { timeout: 20_000 }).toBe(1);
    await expect.poll(() => person.sessionAt(at.foo), { timeout: 20_000 }).toEqual({ status: 'signed out' });
    expect(trap.connections()).toBe(0);
  });

  test('named in a request for a proxy [T-SSRF-01]', async () => {
    const [at, trap] = [await site(), await canary()];
    const before = await at.state();
    for (const server of [at.sso, at.foo]) {
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        await send(server, {
          method,
          path: `${trap.url}/.well-known/jwks.json`,
          headers: steering(trap.url),
        });
      }
      await send(server, { path: `/.well-known/jwks.json?jku=${trap.url}`, headers: steering(trap.url) });
    }
    expect(trap.connections()).toBe(0);
    expect(await at.state()).toEqual(before);
  });
});

const statement = (header: object, claims: unknown) => signedBy(unpublishedKey('unknown'), header, claims);

const redirect = (status: number, to: string) => (_request: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(status, { location: to }).end();

describe('the SSO service follows no redirect of an app', () => {
  test.each([301, 302, 303, 307, 308])('to other keys by %d [T-SSRF-02]', async (status) => {
    const key = unpublishedKey('evil');
    const elsewhere = await localServer(
      (_request, response) => void response.end(JSON.stringify({ keys: [key.jwk] })),
    );
    const { url } = await localServer(redirect(status, `${elsewhere.url}/.well-known/jwks.json`));
    const at = await siteWith(url);
    const before = await at.state();
    expect((await askAs(at, key)).status).toBe(401);
    expect(elsewhere.requests()).toBe(0);
    expect(await at.state()).toEqual(before);
    const honest = await siteWith(elsewhere.url);
    expect((await askAs(honest, key)).status).toBe(200);
  });

  test.each([301, 307, 308])('with a logout token by %d [T-SSRF-02]', async (status) => {
    const trap = await canary();
    const evil = await localServer(redirect(status, trap.url));
    const at = await siteWith(evil.url);
    const person = new Browser(at);
    await person.logIn(ADA);
    expect((await person.ask({ request: 'authentication token' }, EVIL)).status).toBe(200);
    await person.ask({ request: 'logout' });
    const attempts = async () => (await at.state())['sso.logout_notice'];
    await expect
      .poll(attempts, { timeout: 20_000 })
      .toEqual([expect.objectContaining({ app: EVIL, attempts: 1 })]);
    expect([evil.requests(), trap.connections()]).toEqual([1, 0]);
  });
});

const NOT_BARE = new RegExp(
  'has a "server" that ' +
    String.raw`(is not a bare http\(s\)://host\[:port\]|has a path, ".*", that is neither empty nor)`,
);

test.each([
  'file:///etc/passwd',
  'ftp://127.0.0.1',
  'gopher://127.0.0.1:70',
  'unix:/run/docker.sock',
  'data:application/json,{}',
  'javascript:0',
  '//127.0.0.1:4001',
  '127.0.0.1:4001',
  'http://ada:secret@127.0.0.1:4001',
  'http://127.0.0.1:4001/',
  'http://127.0.0.1:4001/keys?',
  'http://127.0.0.1:4001#',
  'http://127.1:4001',
  'http://0x7f000001:4001',
  'http://127.0.0.1:80',
  'HTTP://127.0.0.1:4001',
  ' http://127.0.0.1:4001',
  'http://127.0.0.1:4001\n',
  'http://127.0.0.1:70000',
])('the registry refuses a server that isn’t a bare address: %j [T-SSRF-03]', async (server) => {
  await expect(siteWith(server)).rejects.toThrow(NOT_BARE);
});

test.each([
  'http://app.example.com',
  'http://app.internal:4001',
  'http://app.:4001',
  'http://127.0.0.1.example.com',
  'http://8.8.8.8',
  'http://100.64.0.1:4001',
  'http://[2001:db8::1]:4001',
  'http://[::ffff:808:808]:4001',
])(
  'no server sends requests over plain http where anyone on the path could respond: %s [T-SSRF-04]',
  async (server) => {
    await expect(siteWith(server)).rejects.toThrow('has a "server" that is plain http');
    await expect(site({ SSO_SERVER_URL: server })).rejects.toThrow('SSO_SERVER_URL is plain http');
  },
);
