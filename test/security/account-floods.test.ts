/**
 * A signed-in person requests the account page as often as they can over many connections, so that the
 * single thread of the SSO service responds to nobody else.
 */
import { Agent } from 'node:http';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { ACCOUNT_PATHS } from '../../apps/sso/src/account-page/paths.ts';
import { ADA, Browser, GRACE } from '../support/browser.ts';
import { type Answer, send } from '../support/http.ts';
import { type Site, site } from '../support/site.ts';
import { expectRefusal } from './expect-refusal.ts';

const CONNECTIONS = 200;

/** Connections that are already open, so that requests over all of them arrive at the same time. */
async function openConnections({ sso }: Site, count: number): Promise<Agent> {
  const agent = new Agent({ keepAlive: true, maxSockets: count });
  onTestFinished(() => agent.destroy());
  await Promise.all(Array.from({ length: count }, () => send(sso, { path: '/livez', agent })));
  return agent;
}

/** Fills ada's account up to the limit of sessions. */
function addSessionsOfAda({ sso, clock, foo, lorem }: Site): void {
  const sqlite = new Sqlite(sso.database);
  sqlite
    .prepare(
      `INSERT INTO sso_session (sid, secret_hash, account_id, started_at, last_seen_at, ends_at, user_agent)
       SELECT 'session ' || value, randomblob(32), 'account-of-ada', :now, :now, :now + 3600000, :userAgent
       FROM (WITH RECURSIVE number (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM number LIMIT 999)
         SELECT value FROM number)`,
    )
    .run({
      now: clock.now,
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    });
  const noteApp = sqlite.prepare(
    "INSERT INTO session_app (sid, app) SELECT sid, ? FROM sso_session WHERE sid LIKE 'session %'",
  );
  for (const { origin } of [foo, lorem]) noteApp.run(origin);
  sqlite.close();
}

test('200 connections that load an overview of 1,000 sessions hold nobody else up [T-FLOOD-03]', async () => {
  const at = await site();
  const [ada, grace] = [new Browser(at), new Browser(at)];
  await ada.logIn(ADA);
  await grace.logIn(GRACE);
  addSessionsOfAda(at);
  const before = await at.state();

  const [many, one] = [await openConnections(at, CONNECTIONS), await openConnections(at, 1)];
  const events: ('overview' | 'refused' | 'step 2 of grace')[] = [];
  const ask = async (): Promise<Answer> => {
    const answer = await ada.send(at.sso, { path: ACCOUNT_PATHS.overview, agent: many });
    events.push(answer.status === 200 ? 'overview' : 'refused');
    return answer;
  };
  const flood = Array.from({ length: CONNECTIONS }, ask);
  const headers = { origin: at.foo.origin, 'content-type': 'application/json' };
  const step2 = { method: 'POST', headers, body: '{"request":"login status"}', agent: one };
  for (let count = 0; count < 3; count += 1) {
    const answer = await grace.send(at.sso, step2);
    events.push('step 2 of grace');
    expect(answer.body).toMatchObject({ status: 'signed in', account: { username: GRACE.username } });
  }
  const answers = await Promise.all(flood);

  // The event loop builds one overview per turn, and grace sends her next request after each response.
  const untilLast = events.slice(0, events.lastIndexOf('step 2 of grace'));
  const between = untilLast
    .join()
    .split('step 2 of grace')
    .map((part) => part.split('overview').length - 1);
  for (const overviews of between) expect(overviews).toBeLessThan(10);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(CONNECTIONS / 2);
  for (const answer of refused) {
    expectRefusal(answer, 'overloaded');
    expect(answer.headers['retry-after']).toBe('1');
  }
  for (const answer of answers.filter(({ status }) => status === 200)) {
    const { sessions, sessionCount } = answer.body as { sessions: unknown[]; sessionCount: number };
    expect([sessions.length, sessionCount]).toEqual([50, 1000]);
  }
  expect(await at.state()).toEqual(before);
});

test('an account that floods its page is refused and can use the page again later [T-FLOOD-03]', async () => {
  const at = await site();
  const ada = new Browser(at);
  await ada.logIn(ADA);
  const many = await openConnections(at, CONNECTIONS);
  const end = () =>
    ada.send(at.sso, {
      agent: many,
      method: 'DELETE',
      path: `${ACCOUNT_PATHS.sessions}/unknown`,
      headers: { origin: at.sso.origin },
    });
  const before = await at.state();
  const answers = await Promise.all(Array.from({ length: CONNECTIONS }, end));
  const codes = new Set(answers.map((answer) => answer.body['code']));
  expect(codes).toEqual(new Set(['not-found', 'overloaded']));
  expect((await end()).body['code']).toBe('not-found');
  expect((await ada.send(at.sso, { path: ACCOUNT_PATHS.overview })).status).toBe(200);
  expect(await at.state()).toEqual(before);
});
