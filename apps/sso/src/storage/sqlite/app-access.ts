/**
 * Ends apps' access to sessions that go on, in SQLite: inserts the notices for the apps, writes the audit
 * records, and moves the apps from the sessions' lists to the time of their last token.
 */
import { type SqliteDatabase, workInSlice } from '@samesite-sso/core';
import { AMR_OF_ACCESS, TWO_FACTOR_AMR } from '../sign-in-proofs.ts';
import type { AuditContext, SessionStore } from '../stores.ts';
import { insertNoticesOf } from './session-ending.ts';

/** Rows of `session_app` with their sessions, in this order, so that the index of the app is used. */
const ACCESS = 'session_app CROSS JOIN sso_session USING (sid)';
const IS_CHOSEN = 'session_app.rowid IN (SELECT value FROM json_each(:rowids))';

/** @returns functions of `SessionStore`, and `end` for the caller's transaction */
export function sqliteAppAccess(database: SqliteDatabase) {
  const { sqlite } = database;
  const insertNotices = sqlite.prepare(insertNoticesOf(`${ACCESS} WHERE ${IS_CHOSEN}`));
  const insertRecords = sqlite.prepare(
    `INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app)
     SELECT :at, 'app access ended', :actor, :address, account_id,
       (SELECT username FROM account WHERE id = account_id), sid, app
     FROM ${ACCESS} WHERE ${IS_CHOSEN} ORDER BY session_app.rowid`,
  );
  const updateSessions = sqlite.prepare(
    `UPDATE sso_session SET lost_token_at = max(coalesce(lost_token_at, 0), lost.last_issued_at)
     FROM (
       SELECT sid, max(last_issued_at) AS last_issued_at FROM session_app WHERE ${IS_CHOSEN} GROUP BY sid
     ) AS lost
     WHERE sso_session.sid = lost.sid`,
  );
  const remove = sqlite.prepare(`DELETE FROM session_app WHERE ${IS_CHOSEN}`);
  const ofApp = sqlite
    .prepare<unknown[], number>(`SELECT session_app.rowid FROM ${ACCESS} WHERE app = :app LIMIT :limit`)
    .pluck();
  const search = sqlite.prepare<unknown[], { rowid: number; isExcluded: 0 | 1 }>(
    `SELECT session_app.rowid,
       (:groups IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM account_group
         WHERE account_group.account_id = sso_session.account_id
           AND account_group.name IN (SELECT value FROM json_each(:groups))
       )) OR (:secondFactor AND ${AMR_OF_ACCESS} NOT LIKE ${TWO_FACTOR_AMR}) AS isExcluded
     FROM ${ACCESS} WHERE app = :app AND session_app.rowid > :after ORDER BY session_app.rowid LIMIT :limit`,
  );

  /** @param rows of `session_app` @returns how many */
  const end = (rows: readonly number[], { at, actor, address }: AuditContext): number => {
    if (rows.length === 0) return 0;
    const rowids = JSON.stringify(rows);
    insertNotices.run({ rowids, at });
    insertRecords.run({ rowids, at, actor, address });
    updateSessions.run({ rowids });
    remove.run({ rowids });
    return rows.length;
  };

  const endAtApp: SessionStore['endAtApp'] = async (app, context) => {
    // Takes no write lock if the app has no access.
    const hasAccess = await database.run(() => ofApp.get({ app, limit: 1 }) !== undefined);
    if (!hasAccess) return 0;
    const { rows } = await database.runInBackground(() =>
      workInSlice([(limit) => end(ofApp.all({ app, limit }), context)]),
    );
    return rows;
  };

  async function* endExcluded(
    ...[app, { groups, secondFactor }, context]: Parameters<SessionStore['endExcluded']>
  ): AsyncGenerator<number> {
    const required = { app, groups: groups && JSON.stringify(groups), secondFactor: secondFactor ? 1 : 0 };
    /** Searches one slice. Stops before the first excluded session if it may not end its access. */
    const searchSlice = (start: number, mayEnd: boolean) => {
      let [after, ended, hasFound] = [start, 0, false];
      const { isDone } = workInSlice([
        (limit) => {
          const rows = search.all({ ...required, after, limit });
          const excluded = rows.filter(({ isExcluded }) => isExcluded).map(({ rowid }) => rowid);
          hasFound = excluded.length > 0 && !mayEnd;
          if (hasFound) return 0;
          ended += end(excluded, context);
          after = rows.at(-1)?.rowid ?? after;
          return rows.length;
        },
      ]);
      return { after, ended, hasFound, isDone: isDone && !hasFound };
    };
    for (let slice = { after: 0, ended: 0, hasFound: false, isDone: false }; !slice.isDone; ) {
      const { after, hasFound } = slice;
      // Most sessions aren't excluded. Only a slice that ends access takes the write lock.
      slice = await (hasFound
        ? database.runInBackground(() => searchSlice(after, true))
        : database.run(() => searchSlice(after, false)));
      yield slice.ended;
    }
  }

  return { end, endAtApp, endExcluded };
}
