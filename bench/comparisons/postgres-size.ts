/** How much an account, an SSO session and an audit record take in PostgreSQL, indexes included. */
import { openStores } from '../../apps/sso/src/storage/open-stores.ts';
import { PASSWORD_HASH } from '../../test/support/accounts.ts';
import { connectTo } from '../../test/support/postgres.ts';
import { stopAfterComparison } from '../cleanup.ts';
import { startPostgres } from '../postgres.ts';
import type { Plan } from '../rounds.ts';
import { addSessionsTo } from '../sessions.ts';
import type { Cell, Table } from '../table.ts';

const SESSIONS_PER_ACCOUNT = 5;
const APP = 'https://foo.app.example.com';
/** PostgreSQL vacuums a table by default when this share of its rows has changed. */
const CHANGED_SHARE = 0.2;
/** From then on, the tables hardly grow. */
const CHANGE_COUNT = 10;
const GIGABYTE = 1e9;

export async function postgresSize({ isQuick }: Plan): Promise<Table> {
  const sessionCount = isQuick ? 2000 : 100_000;
  const server = await startPostgres();
  const url = await server.createDatabase('sso');
  await (await openStores(url)).close();
  const client = await connectTo(url, stopAfterComparison);
  const { rows: accounts } = await client.query<{ id: string }>(
    `INSERT INTO account (id, username, username_key, display_name, password_hash, created_at)
     SELECT gen_random_uuid(), 'member-' || number, 'member-' || number, 'Member ' || number,
       '${PASSWORD_HASH}', extract(epoch FROM now()) * 1000
     FROM generate_series(1, ${sessionCount / SESSIONS_PER_ACCOUNT}) AS number
     RETURNING id`,
  );
  const accountIds = accounts.map(({ id }) => id);
  await addSessionsTo(url, sessionCount, accountIds, APP);
  // What a sign-in at one app records.
  const { rowCount: recordCount } = await client.query(
    `INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app)
     SELECT started_at, kind, actor, address, account_id, username, sid, app
     FROM sso_session JOIN account ON account.id = account_id,
       (VALUES ('login succeeded', 'person', NULL), ('session started', 'person', NULL),
         ('token issued', 'person', '${APP}'), ('token redeemed', '${APP}', '${APP}'))
         AS event (kind, actor, app)`,
  );
  const bytesOf = async (table: string): Promise<number> => {
    const { rows } = await client.query('SELECT pg_total_relation_size($1) AS bytes', [table]);
    return Number(rows[0].bytes);
  };
  const bytesPerSession = async () => (await bytesOf('sso_session')) / sessionCount;
  const bytesPerApp = async () => (await bytesOf('session_app')) / sessionCount;
  const [newSession, newApp] = [await bytesPerSession(), await bytesPerApp()];
  for (let change = 1; change <= CHANGE_COUNT; change += 1) {
    const condition = `WHERE random() < ${CHANGED_SHARE}`;
    await client.query(`UPDATE sso_session SET last_seen_at = last_seen_at + 60000 ${condition}`);
    await client.query(`UPDATE session_app SET last_issued_at = last_issued_at + 60000 ${condition}`);
    await client.query('VACUUM sso_session, session_app');
  }
  const [usedSession, usedApp] = [await bytesPerSession(), await bytesPerApp()];
  const account = (await bytesOf('account')) / accountIds.length;
  const auditRecord = (await bytesOf('audit_record')) / (recordCount ?? Number.NaN);
  return {
    headings: ['', 'new, bytes', 'in use, bytes', 'per GB'],
    rows: [
      toRow('SSO session with one app', newSession + newApp, usedSession + usedApp),
      toRow('each further app of a session', newApp, usedApp),
      toRow('account', account),
      toRow('audit record', auditRecord),
    ],
  };
}

/** @param inUse null for rows that don't change */
function toRow(name: string, bytes: number, inUse: number | null = null): Cell[] {
  return [name, bytes, inUse, GIGABYTE / (inUse ?? bytes)];
}
