/** The audit trail in SQLite: the guarantees are those of `AuditStore`. Other stores write to it in their transactions. */
import type { Database } from '@samesite-sso/service';
import type { AuditEvent, AuditRecord } from '../../audit/audit-event.ts';
import type { Act, AuditStore } from '../stores.ts';

export interface AuditTrail extends AuditStore {
  /** Adds a record within the transaction of what it tells. */
  append(event: AuditEvent, act: Act): void;
}

export function sqliteAudit(database: Database): AuditTrail {
  const { sqlite } = database;
  // Whose session it is need not be told; what the account was called then is written down, since it may be
  // renamed or removed.
  const insert = sqlite.prepare(
    `INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app, detail)
     VALUES (:at, :kind, :by, :address,
       coalesce(:accountId, (SELECT account_id FROM sso_session WHERE sid = :sid)),
       (SELECT username FROM account
        WHERE id = coalesce(:accountId, (SELECT account_id FROM sso_session WHERE sid = :sid))),
       :sid, :app, :detail)`,
  );
  const list = sqlite.prepare<unknown[], AuditRecord>(
    `SELECT * FROM (
       SELECT id, at, kind, act_by AS "by", address, account_id AS accountId, username, sid, app, detail
       FROM audit_record
       WHERE (:account IS NULL OR account_id = :account OR username = :account
           OR account_id = (SELECT id FROM account WHERE username = :account))
         AND (:kind IS NULL OR kind = :kind) AND at >= :since AND at < :until
       ORDER BY id DESC LIMIT :limit
     ) ORDER BY id`,
  );

  const append = (event: AuditEvent, act: Act) => {
    const { kind, accountId = null, sid = null, app = null, detail = null } = event;
    insert.run({ kind, accountId, sid, app, detail, ...act });
  };
  const addAll = sqlite.transaction((records: Parameters<AuditStore['addAll']>[0]) => {
    for (const { event, act } of records) append(event, act);
  });

  return {
    append,
    add: (event, act) => database.run(() => append(event, act)),
    addAll: (records) => database.run(() => addAll.immediate(records)),
    list: ({ account = null, kind = null, since = 0, until = Number.MAX_SAFE_INTEGER, limit }) =>
      database.run(() => list.all({ account, kind, since, until, limit })),
  };
}
