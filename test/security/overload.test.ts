/**
 * An attacker without an account fills the queue of password checks, so that others can't sign in: from more
 * addresses than the queue has places, with expensive hashes, or by disconnecting before the response.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ADA, GRACE } from '../support/browser.ts';
import { type Answer, send } from '../support/http.ts';
import { type Site, site } from '../support/site.ts';
import { importAccounts } from './administer.ts';

const BEHIND_PROXY = { SSO_TRUSTED_PROXIES: '127.0.0.1' };
const VICTIM = '192.0.2.1';
const WRONG = 'nobody’s password at all';
/** bcrypt at cost 10, five times as expensive as our Argon2id. */
const EXPENSIVE = '$2b$10$R7oeOxC4M.dY4JBkTUzOo.y8CkfskK1hCxRNPd5CwKMqOjDQ3CNzy';

function signIn(at: Site, username: string, password: string, client: string): Promise<Answer> {
  return send(at.sso, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: at.foo.origin, 'x-forwarded-for': client },
    body: JSON.stringify({ request: 'login', username, password }),
  });
}

/** Keeps this many guesses pending until it is stopped, and returns their statuses. */
function flood(width: number, guess: (index: number) => Promise<Answer>) {
  const statuses: number[] = [];
  let isOver = false;
  let sent = 0;
  const one = async () => {
    while (!isOver) {
      sent += 1;
      statuses.push((await guess(sent)).status);
    }
  };
  const all = Promise.all(Array.from({ length: width }, one));
  return {
    statuses,
    async stop() {
      isOver = true;
      await all;
    },
  };
}

const countOf = (statuses: number[], wanted: number) => statuses.filter((each) => each === wanted).length;

describe('everybody can sign in while an attacker requests more checks than the queue has places', () => {
  test.each<[string, (at: Site, index: number) => Promise<Answer>]>([
    [
      'each time from another /64 of one /48 [T-GUESS-09]',
      (at, index) => signIn(at, ADA.username, WRONG, `2001:db8:f:${(index % 0x10000).toString(16)}::1`),
    ],
    [
      'from one address, for unknown names [T-GUESS-09]',
      (at, index) => signIn(at, `nobody${index}`, WRONG, '192.0.2.66'),
    ],
    [
      'from one address, for people with expensive imported hashes [T-GUESS-09]',
      (at, index) => signIn(at, `imported${index % 20}`, WRONG, '192.0.2.66'),
    ],
  ])('%s', async (_how, guess) => {
    const at = await site(BEHIND_PROXY);
    const imported = Array.from({ length: 20 }, (_, index) => [`imported${index}`, EXPENSIVE]);
    await importAccounts(at, Object.fromEntries(imported));
    const attack = flood(100, (index) => guess(at, index));
    await expect.poll(() => countOf(attack.statuses, 503), { timeout: 50_000 }).toBeGreaterThan(100);
    for (const host of [1, 2]) {
      expect((await signIn(at, ADA.username, ADA.password, VICTIM)).status).toBe(200);
      expect((await signIn(at, GRACE.username, GRACE.password, `2001:db8:e::${host}`)).status).toBe(200);
    }
    await attack.stop();
    expect(countOf(attack.statuses, 200)).toBe(0);
    const failures = (await at.state())['sso.login_failure'] as { address: string }[];
    expect(failures.filter(({ address }) => address === VICTIM)).toEqual([]);
  });
});

test('a whole /48 network gets at most 100 guesses at one account [T-GUESS-05]', async () => {
  const at = await site(BEHIND_PROXY);
  const attack = flood(50, (index) =>
    signIn(at, ADA.username, WRONG, `2001:db8:f:${(index * 7).toString(16)}::1`),
  );
  await expect.poll(() => countOf(attack.statuses, 429), { timeout: 50_000 }).toBeGreaterThan(50);
  await attack.stop();
  expect(countOf(attack.statuses, 401)).toBe(100);
  expect((await signIn(at, ADA.username, ADA.password, '2001:db8:f:ffff::1')).status).toBe(429);
  expect((await signIn(at, ADA.username, ADA.password, VICTIM)).status).toBe(200);
});

describe('a client that disconnects before the response', () => {
  /** Sends a sign-in with the right password, and disconnects while it waits in the queue. */
  async function signInAndLeave(at: Site, how: 'ends its side' | 'resets the connection'): Promise<void> {
    const body = JSON.stringify({ request: 'login', ...credentialsOf(ADA) });
    const head = [
      'POST / HTTP/1.1',
      'Host: sso',
      `Origin: ${at.foo.origin}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    const socket = connect(at.sso.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    await new Promise(setImmediate);
    if (how === 'ends its side') socket.end();
    else socket.resetAndDestroy();
    await once(socket.resume(), 'close');
  }

  test.each(['ends its side', 'resets the connection'] as const)(
    'gets no session if it %s, and its attempt counts as a failure [T-GUESS-11]',
    async (how) => {
      const at = await site();
      const before = await at.state('sso.login_failure');
      const failures = async () => (await at.state())['sso.login_failure']?.length;
      // Expensive checks from the same address come first, so that it has to wait.
      await importAccounts(at, { imported: EXPENSIVE });
      const busy = Array.from({ length: 5 }, () =>
        send(at.sso, {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin: at.foo.origin },
          body: JSON.stringify({ request: 'login', username: 'imported', password: WRONG }),
        }),
      );
      await expect.poll(failures).toBeGreaterThan(0);
      await Promise.all([...busy, signInAndLeave(at, how)]);
      await expect.poll(failures, { timeout: 20_000 }).toBe(6);
      expect(await at.state('sso.login_failure', 'sso.account')).toEqual(without(before, 'sso.account'));
    },
  );
});

function credentialsOf({ username, password }: { username: string; password: string }) {
  return { username, password };
}

function without(state: Record<string, unknown>, table: string) {
  return Object.fromEntries(Object.entries(state).filter(([name]) => name !== table));
}
