/** The SSO service's command line in this process, beside the running site. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { outcomeOf } from '../../apps/sso/src/administration/administration.fixture.ts';
import type { Server, Site } from '../support/site.ts';

export async function administer({ sso }: { sso: Pick<Server, 'database' | 'origin'> }, ...args: string[]) {
  return await outcomeOf(args, { SSO_DATABASE: sso.database, SSO_ORIGIN: sso.origin });
}

/** Imports accounts with hashes of another system. @throws {Error} unless all are imported */
export async function importAccounts(at: Site, hashes: Readonly<Record<string, string>>): Promise<void> {
  const file = join(at.folder, 'accounts.jsonl');
  const lines = Object.entries(hashes).map(([username, passwordHash]) =>
    JSON.stringify({ username, displayName: username, passwordHash }),
  );
  writeFileSync(file, lines.join('\n'));
  const { stderr } = await administer(at, 'account', 'import', file);
  if (stderr !== '') throw new Error(stderr);
}
