/** "Who is signed in?", asked at the SSO service (step 2) and at the app (step 1). */
import Database from 'better-sqlite3';
import { startPeer } from '../peers/peer.ts';
import { isSignedIn, type Product, startProduct } from '../product.ts';
import { bareSubject, rateTable } from '../rate-table.ts';
import { expectResponse } from '../requests.ts';
import { compare, type Plan, type Subject, sendOnce, sendRepeatedly } from '../rounds.ts';
import { addSessions } from '../sessions.ts';
import type { Table } from '../table.ts';

/** More than one round uses. */
const UNUSED_SESSION_COUNT = 30_000;
/** The service writes a session's last use at most once in this time. */
const TOUCH_INTERVAL_MS = 60_000;

export async function loginStatus(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const bare = await startPeer('bare');
  const cookies = await product.startSessions();
  const { address } = product.sso;
  const step1 = await product.appSession(cookies);
  const subjects = [
    bareSubject(bare),
    sendRepeatedly('signed in', address, cookies.map(product.loginStatus), isSignedIn),
    firstUse(product),
    sendRepeatedly('signed out', address, [product.loginStatus()], ({ body }) =>
      body.includes('"signed out"'),
    ),
    sendRepeatedly('signed in at the app (step 1)', product.foo.address, [step1], isSignedIn),
  ];
  const goals = {
    'signed in': '≥ 0.45',
    'signed in, first use in a minute': '≥ 0.35',
    'signed out': '≥ 0.60',
  };
  return rateTable(await compare(subjects, plan), goals);
}

/** Sessions that were last used more than a minute ago, so that each request writes. */
function firstUse(product: Product): Subject {
  const { address } = product.sso;
  const database = new Database(product.database);
  const cookies = addSessions(database, UNUSED_SESSION_COUNT, product.accountIds, product.foo.origin);
  const requests = cookies.map(product.loginStatus);
  const age = database.prepare('UPDATE sso_session SET last_seen_at = last_seen_at - ?');
  const newestUse = database.prepare<[], number>('SELECT max(last_seen_at) FROM sso_session').pluck();
  const prepare = async (count: number) => {
    age.run(TOUCH_INTERVAL_MS);
    return requests.slice(0, count);
  };
  return {
    ...sendOnce('signed in, first use in a minute', address, prepare, isSignedIn),
    check: async () => {
      const startedAtMs = Date.now();
      for (const request of await prepare(1)) await expectResponse(address, request, isSignedIn);
      if ((newestUse.get() ?? 0) < startedAtMs) throw new Error('the use of a session was not written');
    },
  };
}
