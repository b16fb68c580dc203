/** `AuditStore` in SQLite. Other stores append to the audit trail within their own transactions. */
import { isStorableText, type SqliteDatabase } from '@samesite-sso/core';
import type { AuditEvent, AuditRecord } from '../audit-store.ts';
import type { AuditContext, AuditStore } from '../stores.ts';
import { PAGE_ROWS, readPages } from './read-pages.ts';
import { prepareWrite } from './write.ts';

export interface AuditTrail extends AuditStore {
  /** Adds a record within the caller's transaction. */
  append(event: AuditEvent, context: AuditContext): void;
  /** Adds a record for each of many sessions in one statement. @param rowids a JSON array */
  appendForSessions(
    rowids: string,
    event: Pick<AuditEvent, 'kind' | 'app' | 'detail'>,
    context: AuditContext,
  ): void;
}

const MATCHES = `(:account IS NULL OR account_id = :account OR username = :account
    OR account_id = (SELECT id FROM account WHERE username = :account))
  AND (:kind IS NULL OR kind = :kind) AND at >= :since AND at < :until`;

export function sqliteAudit(database: SqliteDatabase): AuditTrail {
  const { sqlite } = database;
  // Looks up the session's account, and copies the username: the account may be renamed or removed later.
  const insert = sqlite.prepare(
    `INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app, detail)
     VALUES (:at, :kind, :actor, :address,
       coalesce(:accountId, (SELECT account_id FROM sso_session WHERE sid = :sid)),
       (SELECT username FROM account
        WHERE id = coalesce(:accountId, (SELECT account_id FROM sso_session WHERE sid = :sid))),
       :sid, :app, :detail)`,
  );
  const insertForSessions = sqlite.prepare(
    `INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app, detail)
     SELECT :at, :kind, :actor, :address, account_id, (SELECT username FROM account WHERE id = account_id),
       sid, :app, :detail
     FROM sso_session WHERE rowid IN (SELECT value FROM json_each(:rowids))`,
  );
  const findRange = sqlite.prepare<unknown[], { first: number | null; last: number | null }>(
    `SELECT min(id) AS first, max(id) AS last
     FROM (SELECT id FROM audit_record WHERE ${MATCHES} ORDER BY id DESC LIMIT :limit)`,
  );
  const findPage = sqlite.prepare<unknown[], AuditRecord>(
    `SELECT id, at, kind, act_by AS actor, address, account_id AS accountId, username, sid, app, detail
     FROM audit_record WHERE ${MATCHES} AND id BETWEEN :first AND :last ORDER BY id LIMIT ${PAGE_ROWS}`,
  );

  const append = (event: AuditEvent, context: AuditContext) => {
    const { kind, accountId = null, sid = null, app = null, detail = null } = event;
    insert.run({ kind, accountId, sid, app, detail, ...context });
  };
  return {
    append,
    appendForSessions: (rowids, { kind, app = null, detail = null }, context) =>
      void insertForSessions.run({ rowids, kind, app, detail, ...context }),
    add: prepareWrite(database, append),
    addAll: prepareWrite(database, (records) => {
      for (const { event, context } of records) append(event, context);
    }),
    async *pages({ account = null, kind = null, since = 0, until = Number.MAX_SAFE_INTEGER, limit }) {
      if (account !== null && !isStorableText(account)) return;
      const matches = { account, kind, since, until };
      const range = await database.run(() => findRange.get({ ...matches, limit }));
      const { first, last } = range ?? { first: null, last: null };
      if (first === null) return;
      yield* readPages<AuditRecord>(database, (before) =>
        findPage.all({ ...matches, first: before === undefined ? first : before.id + 1, last }),
      );
    },
  };
}
