/**
 * Slow, greedy, and deceptive clients against the real processes: each is cut off in time, memory stays
 * bounded, and people who are signed in go on with steps 2 and 3.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { COOKIES } from '@samesite-sso/protocol';
import { describe, expect, test } from 'vitest';
import { type Browser, GRACE } from '../support/browser.ts';
import { type RunningSite, runningSite } from '../support/process-site.ts';
import { actDuring } from './concurrent-user.ts';
import { answersIn, bytesOf, type RawClient, rawClient, rawClients } from './raw-client.ts';
import { DEPLOYED_HEAP, MEBIBYTE, peakMemory, residentMemory } from './resident-memory.ts';

/** A page waits this long for a response. */
const PAGE_TIMEOUT_MS = 5000;

/**
 * Bytes by which a warm process may grow. 2,000 connections may hold 40 MiB at most: 16 KiB of headers and 4
 * KiB of body each. The rest is garbage that V8 hasn't collected yet. With the 170 MiB of a warm process,
 * that stays well below the 512 MiB that it has in docker-compose.yml.
 */
const MAX_GROWTH_BYTES = 192 * MEBIBYTE;

const STATUS = { request: 'login status' };

async function signedIn(site: RunningSite, person = site.person()): Promise<Browser> {
  expect((await person.logIn()).status).toBe(200);
  return person;
}

/** A person who has sent so many requests that the process is warm. */
async function warmedUp(site: RunningSite): Promise<Browser> {
  const person = await signedIn(site);
  for (let count = 1; count <= 300; count += 1)
    await Promise.all([person.loginStatus(), person.authenticationToken()]);
  return person;
}

/** Sends a byte every half second until the server closes the connection. */
async function trickle({ socket, closed }: RawClient, byte: string): Promise<void> {
  const timer = setInterval(() => socket.write(byte), 500);
  await closed.finally(() => clearInterval(timer));
}

describe('with slow clients', () => {
  test('the SSO service and an app cut off headers and bodies that trickle in [T-FLOOD-01]', async () => {
    const site = await runningSite({ environment: { sso: DEPLOYED_HEAP } });
    const ada = await warmedUp(site);
    const lifetimes = { headers: [] as number[], bodies: [] as number[] };
    const slowloris = async (address: string) => {
      const [headers, bodies] = await Promise.all([rawClients(address, 250), rawClients(address, 250)]);
      for (const { socket } of headers) socket.write('POST / HTTP/1.1\r\nHost: a\r\nX: ');
      for (const { socket } of bodies) {
        const head = 'POST /session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';
        socket.write(`${head}Origin: ${site.foo.origin}\r\nContent-Length: 4000\r\n\r\n{"token":"`);
      }
      await Promise.all([...headers, ...bodies].map((client) => trickle(client, 'x')));
      lifetimes.headers.push(...(await Promise.all(headers.map(({ closed }) => closed))));
      lifetimes.bodies.push(...(await Promise.all(bodies.map(({ closed }) => closed))));
    };
    const before = residentMemory(site.sso.pid);
    const storm = Promise.all([slowloris(site.sso.address), slowloris(site.foo.address)]);
    const [{ requestCount, longestMs }, peak] = await Promise.all([
      actDuring(ada, storm),
      peakMemory(site.sso.pid, storm),
    ]);

    // Limits: 5 s for headers and 10 s for a request, checked every second. The rest is tolerance for a slow
    // machine.
    expect(Math.max(...lifetimes.headers)).toBeLessThan(10_000);
    expect(Math.max(...lifetimes.bodies)).toBeLessThan(16_000);
    expect(requestCount).toBeGreaterThan(20);
    expect(longestMs).toBeLessThan(PAGE_TIMEOUT_MS);
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
  });

  test('1,000 silent and 1,000 kept-alive connections delay nobody [T-FLOOD-01]', async () => {
    const site = await runningSite({ environment: { sso: DEPLOYED_HEAP } });
    const ada = await warmedUp(site);
    const before = residentMemory(site.sso.pid);
    const idle = async () => {
      const silent = await rawClients(site.sso.address, 1000);
      const kept = await rawClients(site.sso.address, 1000);
      for (const { socket } of kept) socket.write(bytesOf({ path: '/livez' }));
      await Promise.all(kept.map(({ socket, received }) => received() === '' && once(socket, 'data')));
      await Promise.all(silent.map(({ closed }) => closed));
      return { silent, kept };
    };
    const idling = idle();
    const [{ longestMs }, peak] = await Promise.all([
      actDuring(ada, idling),
      peakMemory(site.sso.pid, idling),
    ]);
    const { silent, kept } = await idling;
    expect(longestMs).toBeLessThan(PAGE_TIMEOUT_MS);
    // Silent connections are closed without a response; kept-alive ones stay open, as a browser's do.
    expect(new Set(silent.map(({ received }) => received()))).toEqual(new Set(['']));
    expect(kept.filter(({ socket }) => !socket.closed)).toHaveLength(1000);
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
  });

  test('pipelining clients that never read are disconnected and use little memory [T-FLOOD-06]', async () => {
    const site = await runningSite({ environment: { sso: DEPLOYED_HEAP } });
    const ada = await warmedUp(site);
    const page = await (await fetch(site.sso.address)).text();
    const [, script = ''] = /src="([^"]+\.js)"/.exec(page) ?? [];
    const before = residentMemory(site.sso.pid);
    const unread = async () => {
      const [large, many] = [await rawClients(site.sso.address, 40), await rawClients(site.sso.address, 200)];
      for (const { socket } of large) socket.write(bytesOf({ path: script }).repeat(100));
      // As many as a connection may send. More is the proxy's job: see "Connections" in docs/operations.md.
      for (const { socket } of many) socket.write('GET /livez HTTP/1.1\r\nHost:\r\n\r\n'.repeat(100));
      const clients = [...large, ...many];
      for (const { socket } of clients) socket.pause();
      // A client that doesn't read notices the end only when it writes.
      await Promise.all(clients.map((client) => trickle(client, ' ')));
      return await Promise.all(clients.map(({ closed }) => closed));
    };
    const reading = unread();
    const [{ longestMs }, peak] = await Promise.all([
      actDuring(ada, reading),
      peakMemory(site.sso.pid, reading),
    ]);
    expect(longestMs).toBeLessThan(PAGE_TIMEOUT_MS);
    // A connection without progress is closed after 20 to 40 s. The rest is tolerance for a slow machine.
    expect(Math.max(...(await reading))).toBeLessThan(60_000);
    const length = Number((await fetch(site.sso.address + script)).headers.get('content-length'));
    expect(100 * length * 40).toBeGreaterThan(200 * MEBIBYTE);
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
  });
});

describe('with clients that send too much', () => {
  test('endless headers and bodies are refused at their limits and leak no memory [T-FLOOD-07]', async () => {
    const site = await runningSite({ environment: { sso: DEPLOYED_HEAP } });
    const ada = await warmedUp(site);
    const origin = `Origin: ${site.foo.origin}`;
    const post = `POST / HTTP/1.1\r\nHost: a\r\n${origin}\r\nContent-Type: application/json\r\n`;
    const endless = {
      header: ['GET / HTTP/1.1\r\nX: ', 'x'.repeat(65_536)],
      headers: ['GET / HTTP/1.1\r\n', 'X: y\r\n'.repeat(10_000)],
      cookies: ['GET / HTTP/1.1\r\n', `Cookie: ${COOKIES.sso}=x\r\n`.repeat(2000)],
      address: ['GET /', 'x'.repeat(65_536)],
      body: [`${post}Content-Length: 999999999\r\n\r\n`, 'x'.repeat(65_536)],
      chunks: [`${post}Transfer-Encoding: chunked\r\n\r\n`, `1000\r\n${'x'.repeat(4096)}\r\n`.repeat(16)],
      crumbs: [`${post}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'.repeat(10_000)],
      continued: [`${post}Expect: 100-continue\r\nContent-Length: 999999999\r\n\r\n`, 'x'.repeat(65_536)],
    };
    /** Writes until the server closes the connection, at most 64 MiB. */
    const pour = async ([head = '', more = '']: string[]) => {
      const client = await rawClient(site.sso.address);
      client.socket.write(head);
      while (!client.socket.closed && client.socket.bytesWritten < 64 * MEBIBYTE) {
        const isTaken = client.socket.write(more);
        if (!isTaken) await Promise.race([once(client.socket, 'drain').catch(() => {}), client.closed]);
        else await delay(1);
      }
      await client.closed;
      return { bytes: client.socket.bytesWritten, statuses: client.received().match(/(?<=HTTP\/1\.1 )\d+/g) };
    };
    const before = residentMemory(site.sso.pid);
    const flood = Promise.all(
      Object.values(endless).map((pieces) => Promise.all(Array.from({ length: 4 }, () => pour(pieces)))),
    );
    const [{ longestMs }, peak] = await Promise.all([actDuring(ada, flood), peakMemory(site.sso.pid, flood)]);
    for (const [index, what] of Object.keys(endless).entries()) {
      for (const { bytes, statuses } of (await flood)[index] ?? []) {
        // The server discards 4 MiB of a body, which is 24 MiB in chunks of one byte.
        expect(bytes, what).toBeLessThan(32 * MEBIBYTE);
        // A client that is cut off while it sends may lose the response. 100 comes before it.
        if (statuses !== null)
          expect(
            statuses.filter((status) => status !== '100'),
            what,
          ).toEqual(['413']);
      }
    }
    expect(longestMs).toBeLessThan(PAGE_TIMEOUT_MS);
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
  });

  test('a body with a wrong Content-Length starts no second request [T-PATH-05]', async () => {
    const site = await runningSite({ environment: { sso: DEPLOYED_HEAP } });
    const ada = await signedIn(site);
    const request = bytesOf({
      origin: site.foo.origin,
      cookie: ada.cookies.get(site.sso),
      body: { request: 'logout' },
    });
    const longer = await rawClient(site.sso.address);
    longer.socket.write(bytesOf({ origin: site.foo.origin, body: STATUS }) + 'x'.repeat(100));
    const shorter = await rawClient(site.sso.address);
    shorter.socket.write(
      request.replace(/Content-Length: (\d+)/, (_line, length) => `Content-Length: ${Number(length) + 1}`),
    );
    await Promise.all([longer.closed, shorter.closed]);
    expect(answersIn(shorter.received()).map(({ status }) => status)).toEqual([400]);
    expect((await ada.loginStatus()).body['status']).toBe('signed in');
  });
});

describe('on one connection', () => {
  test('100 pipelined requests get responses in order, each for its own cookie [T-FLOOD-06]', async () => {
    const site = await runningSite({ environment: { sso: DEPLOYED_HEAP } });
    const [ada, other] = [await signedIn(site), await signedIn(site, site.person(GRACE))];
    const askers = [
      ada.cookies.get(site.sso),
      other.cookies.get(site.sso),
      undefined,
      `${COOKIES.sso}=${'x'.repeat(43)}`,
    ];
    const names = ['ada', 'grace', undefined, undefined];
    const client = await rawClient(site.sso.address);
    const order = Array.from({ length: 100 }, (_, index) => (index * 7 + (index >> 3)) % askers.length);
    const requests = order.map((asker, index) => {
      const body = index % 5 === 0 ? { request: 'authentication token' } : STATUS;
      return bytesOf({ origin: site.foo.origin, cookie: askers[asker], body });
    });
    client.socket.write(requests.join(''));
    while (answersIn(client.received()).length < 100) await once(client.socket, 'data');
    const accounts = new Map([
      ['ada', (await ada.loginStatus()).body['account']],
      ['grace', (await other.loginStatus()).body['account']],
    ]);
    for (const [index, { status, body }] of answersIn(client.received()).entries()) {
      const name = names[order[index] ?? 0];
      if (index % 5 === 0) {
        expect(status).toBe(name === undefined ? 401 : 200);
        if (name !== undefined) {
          const claims = JSON.parse(
            Buffer.from(String(body['token']).split('.')[1] ?? '', 'base64url').toString(),
          );
          expect(claims.sub).toBe((accounts.get(name) as { id: string }).id);
        }
      } else {
        const { account } = body as { account?: { username: string } };
        expect([status, account?.username]).toEqual([200, name]);
      }
    }
  });

  test('a request smuggled in another request’s body has no effect [T-PATH-05]', async () => {
    const site = await runningSite({ environment: { sso: DEPLOYED_HEAP } });
    const ada = await signedIn(site);
    const hidden = bytesOf({
      origin: site.foo.origin,
      cookie: ada.cookies.get(site.sso),
      body: { request: 'logout' },
    });
    const origin = `Origin: ${site.foo.origin}`;
    const start = `POST / HTTP/1.1\r\nHost: a\r\n${origin}\r\nContent-Type: application/json`;
    for (const [headers, body] of [
      ['Content-Length: 6\r\nTransfer-Encoding: chunked', '0\r\n\r\n'],
      ['Transfer-Encoding: chunked\r\nContent-Length: 0', '0\r\n\r\n'],
      ['Content-Length: 0\r\nContent-Length: 5', ''],
      ['Transfer-Encoding: x, chunked', '0\r\n\r\n'],
      ['Transfer-Encoding: identity\r\nTransfer-Encoding: chunked', '0\r\n\r\n'],
      ['X: y\r\n Content-Length: 5\r\nContent-Length: 0', ''],
      ['X: y\nContent-Length: 0', ''],
      ['X: y\0\r\nContent-Length: 0', ''],
      ['Content-Length : 0', ''],
    ]) {
      const client = await rawClient(site.sso.address);
      client.socket.write(`${start}\r\n${headers}\r\n\r\n${body}${hidden}`, 'latin1');
      await client.closed;
      expect(
        answersIn(client.received()).map(({ status }) => status),
        headers,
      ).toEqual([400]);
      expect((await ada.loginStatus()).body['status'], headers).toBe('signed in');
    }
  });
});
