/** `onSessionEnded` reports a session that this process, or another one on its database, has ended. */
import Fastify, { type FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { fakeSso } from './fake-sso.fixture.ts';
import { newDatabase, ORIGIN, seedSession, serve } from './seeded-session.fixture.ts';

const url = '/session';
const TTL_SECONDS = 60;
/** A listener is called within 5 s. */
const WITHIN_5_S = { timeout: 5000 };

/** Two processes of one app, the first of which has a listener. */
async function serveTwo() {
  let passed = 0;
  const clock = () => Date.now() + passed;
  const sso = await fakeSso(clock);
  const database = newDatabase();
  const options = { database, ssoServerUrl: sso.url, sessionSeconds: TTL_SECONDS, clock };
  const [here, there] = [await serve(options), await serve(options)];
  const reported: string[] = [];
  here.sso.onSessionEnded((sid) => reported.push(sid));

  /** Step 4. @returns the cookie */
  const start = async (at: FastifyInstance, sid: string, cookie = '') => {
    const headers = { origin: ORIGIN, 'content-type': 'application/json', cookie };
    const payload = { token: await sso.authenticationToken(sid) };
    const answer = await at.inject({ method: 'POST', url, headers, payload });
    expect(answer.statusCode).toBe(201);
    return String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';
  };
  const signOut = async (at: FastifyInstance, cookie: string) => {
    const answer = await at.inject({ method: 'DELETE', url, headers: { origin: ORIGIN, cookie } });
    expect(answer.statusCode).toBe(200);
  };
  const logOut = async (at: FastifyInstance, sid: string) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const payload = `logout_token=${await sso.logoutToken({ sid })}`;
    const answer = await at.inject({ method: 'POST', url: '/backchannel-logout', headers, payload });
    expect(answer.statusCode).toBe(200);
  };
  const advanceClock = (milliseconds: number) => {
    passed += milliseconds;
  };
  /** Ends are reported in order, so none is outstanding once the last one is reported. */
  const expectReported = async (...sids: string[]) => {
    await signOut(there, await start(there, 'the last'));
    await expect.poll(() => reported, WITHIN_5_S).toContain('the last');
    expect(reported).toEqual([...sids, 'the last']);
  };
  return { here, there, reported, start, signOut, logOut, advanceClock, expectReported };
}

describe.each(['here', 'there'] as const)('onSessionEnded, for requests handled %s,', (where) => {
  it('reports a sign-out', async () => {
    const { reported, start, signOut, expectReported, ...processes } = await serveTwo();
    await signOut(processes[where], await start(processes.here, 's1'));
    await expect.poll(() => reported, WITHIN_5_S).toEqual(['s1']);
    await expectReported('s1');
  });

  it('reports a logout token once, for any number of sessions', async () => {
    const { reported, start, logOut, expectReported, ...processes } = await serveTwo();
    await start(processes.here, 's1');
    await start(processes.there, 's1');
    await start(processes.here, 's2');
    await logOut(processes[where], 's1');
    await expect.poll(() => reported, WITHIN_5_S).toEqual(['s1']);
    await expectReported('s1');
  });

  it('reports a session that another SSO session replaces [T-SESSION-03]', async () => {
    const { reported, start, expectReported, ...processes } = await serveTwo();
    await start(processes[where], 's2', await start(processes.here, 's1'));
    await expect.poll(() => reported, WITHIN_5_S).toEqual(['s1']);
    await expectReported('s1');
  });

  it('reports nothing when a session is renewed, until the renewed one ends', async () => {
    const { reported, start, signOut, expectReported, ...processes } = await serveTwo();
    const renewed = await start(processes[where], 's1', await start(processes.here, 's1'));
    await expectReported();
    await signOut(processes[where], renewed);
    await expect.poll(() => reported, WITHIN_5_S).toEqual(['the last', 's1']);
  });

  it('reports nothing while another session of the same SSO session is active', async () => {
    const { start, signOut, expectReported, ...processes } = await serveTwo();
    await start(processes.there, 's1');
    await signOut(processes[where], await start(processes.here, 's1'));
    await expectReported();
  });

  it('reports an expired session [T-SESSION-03]', async () => {
    const { reported, start, advanceClock, expectReported, ...processes } = await serveTwo();
    await start(processes[where], 's1');
    advanceClock(TTL_SECONDS * 1000);
    await expect.poll(() => reported, WITHIN_5_S).toEqual(['s1']);
    await expectReported('s1');
  });
});

it('a listener that throws or rejects does not stop the others, and is logged', async () => {
  const lines: string[] = [];
  const host = Fastify({ logger: { stream: { write: (line) => void lines.push(line) } } });
  const database = newDatabase();
  const cookies = [await seedSession(database, { sid: 's1' }), await seedSession(database, { sid: 's2' })];
  const app = await serve({ database }, host);
  const reported: string[] = [];
  app.sso.onSessionEnded(() => {
    throw new Error('out of order');
  });
  app.sso.onSessionEnded(async () => {
    throw new Error('out of order later');
  });
  app.sso.onSessionEnded((sid) => reported.push(sid));
  for (const cookie of cookies)
    await app.inject({ method: 'DELETE', url, headers: { origin: ORIGIN, cookie } });
  await expect.poll(() => reported, WITHIN_5_S).toEqual(['s1', 's2']);
  const logged = lines.filter((line) => line.includes('an onSessionEnded listener failed'));
  expect(logged).toHaveLength(4);
  for (const words of ['out of order', 'out of order later']) {
    expect(logged.filter((line) => line.includes(`"${words}"`))).toHaveLength(2);
  }
});

it('a process reports no end from before its start', async () => {
  const database = newDatabase();
  const [before, after] = [await seedSession(database), await seedSession(database, { sid: 's2' })];
  const first = await serve({ database });
  const signOut = (cookie: string) =>
    first.inject({ method: 'DELETE', url, headers: { origin: ORIGIN, cookie } });
  await signOut(before);
  const second = await serve({ database });
  const reported: string[] = [];
  second.sso.onSessionEnded((sid) => reported.push(sid));
  await signOut(after);
  await expect.poll(() => reported, WITHIN_5_S).toEqual(['s2']);
});
