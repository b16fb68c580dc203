/** Step 2, "who is signed in?", which every page asks, and step 1, which asks the app. */
import Database from 'better-sqlite3';
import { startPeer } from '../peers/peer.ts';
import { expectResponse, type Product, startProduct } from '../product.ts';
import { bareSubject, rateTable } from '../rate-table.ts';
import { compare, once, type Plan, repeated, type Subject } from '../rounds.ts';
import { addSessions } from '../sessions.ts';
import type { Table } from '../table.ts';

/** More than one round uses. */
const FIRST_USES = 30_000;
/** A session's last use is written at most once in this time. */
const TOUCH_INTERVAL_MS = 60_000;

export async function loginStatus(plan: Plan): Promise<Table> {
  const product = await startProduct();
  const bare = await startPeer('bare');
  const cookies = product.startSessions();
  const signedIn = cookies.map(product.loginStatus);
  for (const request of signedIn) await expectResponse(product.sso.address, request, '"signed in"');
  const subjects = [
    bareSubject(bare),
    repeated('signed in', product.sso.address, signedIn),
    firstUse(product),
    repeated('signed out', product.sso.address, [product.loginStatus()]),
    repeated('signed in at the app (step 1)', product.foo.address, [await product.appSession(cookies)]),
  ];
  const results = await compare(subjects, plan);
  const goals = {
    'signed in': '≥ 0.45',
    'signed in, first use in a minute': '≥ 0.35',
    'signed out': '≥ 0.60',
  };
  return rateTable(results, goals);
}

/** Sessions that were last used more than a minute ago, so that each request writes. */
function firstUse(product: Product): Subject {
  const database = new Database(product.databaseFile);
  const cookies = addSessions(database, FIRST_USES, product.accountIds, product.foo.origin);
  const requests = cookies.map(product.loginStatus);
  const age = database.prepare('UPDATE sso_session SET last_seen_at = last_seen_at - ?');
  return once('signed in, first use in a minute', product.sso.address, async (count) => {
    age.run(TOUCH_INTERVAL_MS);
    return requests.slice(0, count);
  });
}
