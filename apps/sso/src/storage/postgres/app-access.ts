/**
 * Ends apps' access to sessions that go on, in PostgreSQL. All code that deletes rows of `session_app` locks
 * their sessions first, in the order of their sids: see `session-ending.ts`.
 */
import { type PostgresDatabase, type Statement, toStatement } from '@samesite-sso/core';
import { NOTICE_GRACE_MS } from '../session-store.ts';
import { AMR_OF_ACCESS, TWO_FACTOR_AMR } from '../sign-in-proofs.ts';
import type { AppRequirement, AuditContext, SessionStore } from '../stores.ts';
import { lockTurnsOf, lockTurnsOfSids, NEXT_TURN } from './session-ending.ts';
import { SLICE_ROWS } from './slices.ts';

const findWithApp = toStatement<{ app: string }>(
  `SELECT sid FROM session_app WHERE app = :app ORDER BY sid LIMIT ${SLICE_ROWS}`,
);
const IS_EXCLUDED = `(:groups::text[] IS NOT NULL AND NOT EXISTS (
    SELECT FROM account_group
    WHERE account_group.account_id = sso_session.account_id AND account_group.name = ANY (:groups)
  ) OR :secondFactor AND ${AMR_OF_ACCESS} NOT LIKE ${TWO_FACTOR_AMR})`;
const searchForExcluded = toStatement<AppRequirement & { app: string; after: string }>(
  `WITH searched AS (
     SELECT sid, has_redeemed, weakest_amr FROM session_app WHERE app = :app AND sid > :after
     ORDER BY sid LIMIT ${SLICE_ROWS}
   )
   SELECT max(sid) AS last, array_agg(sid ORDER BY sid) FILTER (WHERE ${IS_EXCLUDED}) AS sids
   FROM searched JOIN sso_session USING (sid)`,
);

const lockSids = toStatement<{ sids: readonly string[] }>(
  'SELECT FROM sso_session WHERE sid = ANY (:sids::text[]) ORDER BY sid FOR UPDATE',
);
const lockOfAccount = toStatement<{ accountId: string }>(
  'SELECT FROM sso_session WHERE account_id = :accountId ORDER BY sid FOR UPDATE',
);

const endAccess = <Values extends object>(condition: string) =>
  toStatement<AuditContext & Values>(
    `WITH access AS (
       DELETE FROM session_app USING sso_session
       WHERE sso_session.sid = session_app.sid AND ${condition}
       RETURNING session_app.id, session_app.sid, app, last_issued_at, account_id, ends_at
     ), session AS (
       UPDATE sso_session SET lost_token_at = greatest(lost_token_at, lost.last_issued_at)
       FROM (SELECT sid, max(last_issued_at) AS last_issued_at FROM access GROUP BY sid) AS lost
       WHERE sso_session.sid = lost.sid
     ), notice AS (
       INSERT INTO logout_notice (app, sid, account_id, issued_at, ended_by_time, due_at, give_up_at, turn)
       SELECT app, sid, account_id, last_issued_at, FALSE, :at::bigint,
         greatest(ends_at, :at::bigint) + ${NOTICE_GRACE_MS}, ${NEXT_TURN}
       FROM (
         SELECT *, row_number() OVER (PARTITION BY app, account_id ORDER BY id) - 1 AS number_of_account
         FROM access
       ) AS access
       ORDER BY id
     )
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app)
     SELECT :at::bigint, 'app access ended', :actor, :address, account_id, username, sid, app
     FROM access JOIN account ON account.id = account_id ORDER BY access.id`,
  );
type Chosen = { app: string; sids: readonly string[] };
const CHOSEN = 'app = :app AND session_app.sid = ANY (:sids::text[])';
const endChosen = endAccess<Chosen>(CHOSEN);
const endChosenExcluded = endAccess<Chosen & AppRequirement>(`${CHOSEN} AND ${IS_EXCLUDED}`);
const endLost = endAccess<{ accountId: string; required: string }>(
  `account_id = :accountId AND app IN (
     SELECT restricted.app FROM jsonb_each(:required::jsonb) AS restricted (app, groups)
     WHERE NOT EXISTS (
       SELECT FROM account_group WHERE account_group.account_id = :accountId AND groups ? account_group.name
     )
   )`,
);

/** The statements that end an account's access to apps all of whose groups it has left. */
export function endLostAccess(
  accountId: string,
  required: ReadonlyMap<string, readonly string[]>,
  context: AuditContext,
): Statement[] {
  const values = { accountId, required: JSON.stringify(Object.fromEntries(required)) };
  return [lockOfAccount({ accountId }), lockTurnsOf({ accountId }), endLost({ ...values, ...context })];
}

export function postgresAppAccess(
  database: PostgresDatabase,
): Pick<SessionStore, 'endAtApp' | 'endExcluded'> {
  /** @returns the last session searched, or null after the end, and the excluded ones among them */
  async function searchSlice(values: AppRequirement & { app: string; after: string }) {
    const { rows } = await database.query<{ last: string | null; sids: string[] | null }>(
      ...searchForExcluded(values),
    );
    return { last: rows[0]?.last ?? null, sids: rows[0]?.sids ?? [] };
  }

  return {
    async endAtApp(app, context) {
      for (;;) {
        const { rows } = await database.query<{ sid: string }>(...findWithApp({ app }));
        if (rows.length === 0) return 0;
        const sids = rows.map(({ sid }) => sid);
        const { count } = await database.writeAll(
          lockSids({ sids }),
          lockTurnsOfSids({ sids }),
          endChosen({ app, sids, ...context }),
        );
        // Another instance that does the same may have been faster with all of them: look for more.
        if (count > 0) return count;
      }
    },
    async *endExcluded(app, { groups, secondFactor }, context) {
      const required = { app, groups, secondFactor };
      let after: string | null = '';
      while (after !== null) {
        const { last, sids } = await searchSlice({ ...required, after });
        after = last;
        if (sids.length === 0) yield 0;
        else {
          const end = endChosenExcluded({ ...required, sids, ...context });
          yield (await database.writeAll(lockSids({ sids }), lockTurnsOfSids({ sids }), end)).count;
        }
      }
    },
  };
}
