/** The site's operator, beside the running service: the command line of the SSO service, in this process. */
import { writeFileSync } from 'node:fs';
import { outcomeOf } from '../../apps/sso/src/administration/administration.fixture.ts';
import type { Site } from '../support/site.ts';

export async function administer({ sso }: Site, ...args: string[]) {
  return await outcomeOf(args, { SSO_DATABASE: sso.database });
}

/** Takes over accounts of another system, each with its hash. @throws {Error} unless all are taken */
export async function importAccounts(at: Site, hashes: Readonly<Record<string, string>>): Promise<void> {
  const file = `${at.sso.database}.import`;
  const lines = Object.entries(hashes).map(([username, passwordHash]) =>
    JSON.stringify({ username, displayName: username, passwordHash }),
  );
  writeFileSync(file, lines.join('\n'));
  const { stderr } = await administer(at, 'account', 'import', file);
  if (stderr !== '') throw new Error(stderr);
}
