/** `AuditStore` in PostgreSQL. Other stores append to the audit trail within their own transactions. */
import {
  isStorableText,
  type PostgresDatabase,
  type Transaction,
  toStatement,
  toStorableText,
} from '@samesite-sso/core';
import type { AuditEvent, AuditRecord } from '../audit-store.ts';
import type { AuditContext, AuditFilter, AuditStore } from '../stores.ts';
import { PAGE_ROWS } from './read-pages.ts';

/** A search that matches few of many records takes this many at a time, since no statement may take long. */
const SEARCHED_ROWS = 20_000;

export interface AuditTrail extends AuditStore {
  /** Adds a record within the caller's transaction. */
  append(transaction: Transaction, event: AuditEvent, context: AuditContext): Promise<void>;
}

type Records = Parameters<AuditStore['addAll']>[0];

// Looks up the session's account, and copies the username: the account may be renamed or removed later.
const insert = toStatement<Record<Column, unknown[]>>(
  `INSERT INTO audit_record (at, kind, act_by, address, account_id, username, sid, app, detail)
   SELECT record.at, record.kind, actor, record.address, coalesce(record.account_id, sso_session.account_id),
     account.username, record.sid, record.app, record.detail
   FROM unnest(:at::bigint[], :kind::text[], :actor::text[], :address::text[], :accountId::text[],
     :sid::text[], :app::text[], :detail::text[])
     WITH ORDINALITY AS record (at, kind, actor, address, account_id, sid, app, detail, position)
   LEFT JOIN sso_session ON sso_session.sid = record.sid AND record.account_id IS NULL
   LEFT JOIN account ON account.id = coalesce(record.account_id, sso_session.account_id)
   ORDER BY position`,
);
const COLUMNS = ['at', 'kind', 'actor', 'address', 'accountId', 'sid', 'app', 'detail'] as const;
type Column = (typeof COLUMNS)[number];

const findEnds = 'SELECT min(id) AS first, max(id) AS last FROM audit_record';

const findIds = toStatement<
  Required<{ [Key in keyof AuditFilter]: unknown }> & { after: number; upTo: number }
>(
  `SELECT id FROM audit_record
   WHERE id > :after AND id <= :upTo
     AND (:account::text IS NULL OR account_id = :account OR username = :account
       OR account_id IN (SELECT id FROM account WHERE username = :account))
     AND (:kind::text IS NULL OR kind = :kind)
     AND (:since::bigint IS NULL OR at >= :since) AND (:until::bigint IS NULL OR at < :until)
   ORDER BY id DESC LIMIT :limit`,
);

const findPage = toStatement<{ ids: number[] }>(
  `SELECT id, at, kind, act_by AS actor, address, account_id AS "accountId", username, sid, app, detail
   FROM audit_record WHERE id = ANY (:ids::bigint[]) ORDER BY id`,
);

export function postgresAudit(database: PostgresDatabase): AuditTrail {
  /** Searches backwards from the newest record. @returns the ids of the newest matches, newest first */
  async function findNewest({ limit, ...filter }: AuditFilter): Promise<number[]> {
    const matches = { account: null, kind: null, since: null, until: null, ...filter };
    const { rows } = await database.query<{ first: number | null; last: number | null }>(findEnds);
    const { first, last } = rows[0] ?? { first: null, last: null };
    const ids: number[] = [];
    if (first === null || last === null) return ids;
    for (let upTo = last; upTo >= first && ids.length < limit; upTo -= SEARCHED_ROWS) {
      const range = { after: upTo - SEARCHED_ROWS, upTo, limit: limit - ids.length };
      const found = await database.query<{ id: number }>(...findIds({ ...matches, ...range }));
      for (const { id } of found.rows) ids.push(id);
    }
    return ids;
  }

  return {
    append: async (transaction, event, context) => {
      await transaction.query(...insert(toColumns([{ event, context }])));
    },
    add: async (event, context) => {
      await database.write(...insert(toColumns([{ event, context }])));
    },
    addAll: async (records) => {
      await database.write(...insert(toColumns(records)));
    },
    async *pages(filter) {
      if (filter.account !== undefined && !isStorableText(filter.account)) return;
      const ids = await findNewest(filter);
      while (ids.length > 0) {
        const page = await database.query<AuditRecord>(...findPage({ ids: ids.splice(-PAGE_ROWS) }));
        if (page.count > 0) yield page.rows;
      }
    },
  };
}

function toColumns(records: Records): Record<Column, unknown[]> {
  const rows = records.map(({ event, context }) => ({ ...event, ...context }));
  const valuesOf = (column: Column) =>
    rows.map(({ [column]: value = null }) => (typeof value === 'string' ? toStorableText(value) : value));
  return Object.fromEntries(COLUMNS.map((column) => [column, valuesOf(column)])) as Record<Column, unknown[]>;
}
