/** An app's settings for PostgreSQL. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AtEnd } from '../../../test/support/at-end.ts';
import { postgresUrl } from '../../../test/support/postgres.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';

export interface PostgresOptions {
  database: string;
  sealingKeyFile: string;
}

/** The options of an app on an empty database, which is dropped at the end. */
export async function postgresOptions(atEnd?: AtEnd): Promise<PostgresOptions> {
  const sealingKeyFile = join(temporaryFolder(atEnd), 'sealing.keys');
  writeFileSync(sealingKeyFile, `${Buffer.alloc(32, 1).toString('base64')}\n`, { mode: 0o600 });
  return { database: await postgresUrl(atEnd), sealingKeyFile };
}
