/** Adds all accounts of a list or none, however many other processes add the same ones. */
import { type PostgresDatabase, type Transaction, toStatement } from '@samesite-sso/core';
import type { AuditContext, NewAccount } from '../stores.ts';

/** Bounds the size of a message, and the time of a statement. */
const STATEMENT_ROWS = 1000;

/** Rolls the transaction back, because another one has added some of the accounts meanwhile. */
class RaceLostError extends Error {}

interface AddedAccount extends NewAccount {
  isImported: boolean;
  index: number;
  /** Its position in the order of the keys. */
  position: number;
}

const findTaken = toStatement<{ keys: readonly string[] }>(
  'SELECT username_key AS key FROM account WHERE username_key = ANY (:keys::text[])',
);

// Waits for a transaction that is adding an account with the same key, and omits the account if it commits.
const insert = toStatement<AuditContext & { accounts: string }>(
  `WITH chosen AS (
     SELECT * FROM jsonb_to_recordset(:accounts::jsonb) AS account (
       index bigint, position bigint, id text, username text, "usernameKey" text, "displayName" text,
       "passwordHash" text, "isImported" boolean, groups jsonb)
   ), added AS (
     INSERT INTO account (id, username, username_key, display_name, password_hash, is_imported, created_at)
     SELECT id, username, "usernameKey", "displayName", "passwordHash", "isImported", :at::bigint
     FROM chosen ORDER BY position
     ON CONFLICT (username_key) DO NOTHING
     RETURNING id
   ), record AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, detail)
     SELECT :at::bigint, 'account added', :actor, :address, id, username, "displayName"
     FROM chosen JOIN added USING (id) ORDER BY index
   ), joined AS (
     INSERT INTO account_group (account_id, name)
     SELECT DISTINCT id, name FROM chosen JOIN added USING (id), jsonb_array_elements_text(groups) AS name
     RETURNING account_id, name
   ), joining AS (
     INSERT INTO audit_record (at, kind, act_by, address, account_id, username, detail)
     SELECT :at::bigint, 'group joined', :actor, :address, account_id, username, name
     FROM joined JOIN chosen ON id = account_id ORDER BY index, name
   )
   SELECT id FROM added`,
);

/** @returns the indexes of accounts whose username is taken; unless empty, nothing was added */
export async function addAccounts(
  database: PostgresDatabase,
  accounts: readonly NewAccount[],
  context: AuditContext,
): Promise<number[]> {
  // Only an import adds this many, on the command line.
  const isBulk = accounts.length > STATEMENT_ROWS;
  try {
    return await database.transact(
      async (transaction) => {
        const taken = await findTakenIndexes(transaction, accounts);
        if (taken.length === 0) await addAll(transaction, accounts, context);
        return taken;
      },
      { isBulk },
    );
  } catch (error) {
    if (error instanceof RaceLostError) return await addAccounts(database, accounts, context);
    throw error;
  }
}

async function addAll(
  transaction: Transaction,
  accounts: readonly NewAccount[],
  context: AuditContext,
): Promise<void> {
  // In the same order everywhere, so that instances that add some of the same accounts can't deadlock.
  const sorted = inOrderOfKeys(accounts);
  for (let start = 0; start < sorted.length; start += STATEMENT_ROWS) {
    const rows = sorted.slice(start, start + STATEMENT_ROWS);
    const { count } = await transaction.query(...insert({ accounts: JSON.stringify(rows), ...context }));
    if (count < rows.length) throw new RaceLostError();
  }
}

async function findTakenIndexes(
  transaction: Transaction,
  accounts: readonly NewAccount[],
): Promise<number[]> {
  const keys = accounts.map(({ usernameKey }) => usernameKey);
  const { rows } = await transaction.query<{ key: string }>(...findTaken({ keys }));
  const taken = new Set(rows.map(({ key }) => key));
  return keys.flatMap((key, index) => {
    const isTaken = taken.has(key);
    taken.add(key);
    return isTaken ? [index] : [];
  });
}

function inOrderOfKeys(accounts: readonly NewAccount[]): AddedAccount[] {
  const indexed = accounts.map((account, index) => ({ isImported: false, ...account, index }));
  indexed.sort((one, other) => (one.usernameKey < other.usernameKey ? -1 : 1));
  return indexed.map((account, position) => ({ ...account, position }));
}
