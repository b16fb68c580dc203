/** Step 4 with the real SSO service: a token starts an app session, once. */
import { readFileSync } from 'node:fs';
import { sha256 } from '@samesite-sso/core';
import Fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, cookieOf, type Site, startSite } from './real-site.fixture.ts';

let offset = 0;
const clock = () => Date.now() + offset;
let site: Site;

beforeAll(async () => {
  site = await startSite(clock);
});
afterAll(() => site.close());

const codeOf = (answer: { statusCode: number; json(): { code: string } }) => [
  answer.statusCode,
  answer.json().code,
];
const attributeOf = (answer: { headers: Record<string, unknown> }, name: string) =>
  new RegExp(`; ${name}=([^;]+)`).exec(String(answer.headers['set-cookie']))?.[1];
const signedIn = { status: 'signed in', account: ACCOUNT };

describe('step 4 with a token of the SSO service', () => {
  it('starts an app session: 201, the account, and a cookie that step 1 accepts', async () => {
    const { redeem, newToken, fetchSession } = await site.newApp();
    const answer = await redeem(await newToken());
    expect([answer.statusCode, answer.json()]).toEqual([201, signedIn]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['session-max-age']).toBe('1800');
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^__Host-app=[\w-]{43}; Max-Age=1800; Path=\/; HttpOnly; Secure; Priority=High; SameSite=Strict$/,
    );
    expect(await fetchSession(cookieOf(answer))).toEqual(signedIn);
  });

  it('refuses a replayed token, and the session that it started lives on', async () => {
    const { redeem, newToken, fetchSession } = await site.newApp();
    const token = await newToken();
    const first = await redeem(token);
    const replayed = await redeem(token, { cookie: cookieOf(first) });
    expect(codeOf(replayed)).toEqual([401, 'invalid-token']);
    expect(replayed.headers['set-cookie']).toBeUndefined();
    expect(await fetchSession(cookieOf(first))).toEqual(signedIn);
  });

  it('accepts exactly one of many parallel requests with one token', async () => {
    const { redeem, newToken } = await site.newApp();
    const token = await newToken();
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(token)));
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([201, ...Array(19).fill(401)]);
  });

  it('refuses a token at another app, and still accepts it at its own', async () => {
    const [own, other] = [await site.newApp(), await site.newApp()];
    const token = await own.newToken();
    expect(codeOf(await other.redeem(token))).toEqual([401, 'invalid-token']);
    expect((await own.redeem(token)).statusCode).toBe(201);
  });

  it('refuses a token in another encoding, even one whose signature verifies', async () => {
    const { redeem, newToken } = await site.newApp();
    expect(codeOf(await redeem(`${await newToken()} `))).toEqual([401, 'invalid-token']);
  });

  it('refuses a token once its SSO session has ended', async () => {
    const { redeem, newToken } = await site.newApp();
    const token = await newToken();
    await site.signOut();
    const answer = await redeem(token);
    await site.signIn();
    expect(codeOf(answer)).toEqual([401, 'invalid-token']);
  });

  it.each([-4000, 4000])('accepts a token if the app’s clock is %d ms off', async (off) => {
    const { redeem, newToken } = await site.newApp({ clock: () => clock() + off });
    expect((await redeem(await newToken())).statusCode).toBe(201);
  });

  it('logs neither the token nor the session token', async () => {
    const lines: string[] = [];
    const host = Fastify({
      logger: { level: 'trace', stream: { write: (line: string) => void lines.push(line) } },
    });
    const { redeem, newToken } = await site.newApp({}, host);
    const token = await newToken();
    const cookie = cookieOf(await redeem(token));
    await redeem(token, { cookie });
    const log = lines.join('');
    expect(log).toContain('"statusCode":201');
    for (const part of [...token.split('.').slice(1), cookie.split('=')[1] ?? '']) {
      expect(part).not.toBe('');
      expect(log).not.toContain(part);
    }
  });
});

describe('a session cookie sent with step 4', () => {
  it('is replaced: its session ends and a new one starts under a new value', async () => {
    const { redeem, newToken, fetchSession } = await site.newApp();
    const older = cookieOf(await redeem(await newToken()));
    const newer = cookieOf(await redeem(await newToken(), { cookie: older }));
    expect(newer).not.toBe(older);
    expect(await fetchSession(older)).toEqual({ status: 'signed out' });
    expect(await fetchSession(newer)).toEqual(signedIn);
  });

  it('never becomes the new session’s value, so a planted one is useless', async () => {
    const { redeem, newToken, fetchSession } = await site.newApp();
    const planted = `__Host-app=${'p'.repeat(43)}`;
    const answer = await redeem(await newToken(), { cookie: planted });
    expect(cookieOf(answer)).not.toBe(planted);
    expect(await fetchSession(planted)).toEqual({ status: 'signed out' });
  });

  it('stays valid if the token is refused', async () => {
    const { redeem, newToken, fetchSession } = await site.newApp();
    const cookie = cookieOf(await redeem(await newToken()));
    await redeem('junk', { cookie });
    expect(await fetchSession(cookie)).toEqual(signedIn);
  });
});

describe('an app session started by step 4', () => {
  it('ends with its SSO session at the latest, and so does its cookie', async () => {
    const { redeem, newToken, fetchSession } = await site.newApp({ sessionSeconds: 86_400, clock });
    const answer = await redeem(await newToken());
    const maxAge = Number(attributeOf(answer, 'Max-Age'));
    expect(maxAge).toBeGreaterThan(43_200 - 120);
    expect(maxAge).toBeLessThanOrEqual(43_200);
    try {
      offset = (maxAge - 5) * 1000;
      expect(await fetchSession(cookieOf(answer))).toEqual(signedIn);
      offset = (maxAge + 5) * 1000;
      expect(await fetchSession(cookieOf(answer))).toEqual({ status: 'signed out' });
    } finally {
      offset = 0;
    }
  });

  it('expires after its lifetime, and another token renews it', async () => {
    const { redeem, newToken, fetchSession } = await site.newApp({ sessionSeconds: 60, clock });
    const cookie = cookieOf(await redeem(await newToken()));
    try {
      offset = 61_000;
      expect(await fetchSession(cookie)).toEqual({ status: 'signed out' });
      expect((await redeem(await newToken(), { cookie })).statusCode).toBe(201);
    } finally {
      offset = 0;
    }
  });

  it('survives a restart of the app', async () => {
    const { app, redeem, newToken, database } = await site.newApp();
    const cookie = cookieOf(await redeem(await newToken()));
    await app.close();
    const restarted = await site.newApp({ database });
    expect(await restarted.fetchSession(cookie)).toEqual(signedIn);
  });

  it('leaves neither its session token nor the authentication token in the app’s files', async () => {
    const { redeem, newToken, database } = await site.newApp();
    const token = await newToken();
    const secret = cookieOf(await redeem(token)).replace('__Host-app=', '');
    const files = Buffer.concat([readFileSync(database), readFileSync(`${database}-wal`)]);
    expect(files.includes(sha256(secret))).toBe(true);
    for (const clear of [secret, Buffer.from(secret, 'base64url'), token, token.split('.')[2] ?? '']) {
      expect(files.includes(clear)).toBe(false);
    }
  });
});
