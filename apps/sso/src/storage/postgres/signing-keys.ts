/** The signing keys in a PostgreSQL database. */
import { type PostgresDatabase, postgresKeyStore, type SealingKeys } from '@samesite-sso/core';
import { type OpenSigningKeys, toKeyRecord } from '../signing-keys.ts';
import type { AuditTrail } from './audit.ts';

/** @param sealing null for a command that doesn't use the keys */
export function postgresSigningKeys(
  database: PostgresDatabase,
  audit: Pick<AuditTrail, 'append'>,
  { sealing, clock }: { sealing: SealingKeys | null; clock?: (() => number) | undefined },
): OpenSigningKeys {
  return (context) => {
    if (sealing === null) throw new Error('the signing keys are sealed, and no sealing keys were read');
    return postgresKeyStore(database, {
      purpose: 'sso signing key',
      sealing,
      clock,
      record: async (change, transaction) => {
        const { event, context: by } = toKeyRecord(change, context);
        await audit.append(transaction, event, by);
      },
    });
  };
}
