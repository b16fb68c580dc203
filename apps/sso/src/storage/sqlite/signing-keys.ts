/** The signing keys beside a SQLite database. */
import { fileKeyStore, keyFileOf } from '@samesite-sso/core';
import type { AuditStore } from '../audit-store.ts';
import { type OpenSigningKeys, toKeyRecord } from '../signing-keys.ts';

/** @param file the database's path */
export function sqliteSigningKeys(
  file: string,
  audit: Pick<AuditStore, 'add'>,
  clock?: () => number,
): OpenSigningKeys {
  return (context) =>
    fileKeyStore(keyFileOf(file), {
      clock,
      record: async (change) => {
        const { event, context: by } = toKeyRecord(change, context);
        await audit.add(event, by);
      },
    });
}
