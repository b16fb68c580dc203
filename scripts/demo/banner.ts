/** What a person reads once the site runs: where to go and who to be. */
import { dirname } from 'node:path';
import { demoAccounts } from '../site/demo-accounts.ts';
import type { Site } from '../site/site.ts';

export function introduction({ sso, foo, lorem }: Site): string {
  const accounts = demoAccounts.map(
    ({ username, password, displayName }) => `  ${username.padEnd(13)}${password.padEnd(31)}${displayName}`,
  );
  return `
Sign in at foo, then open lorem: you are signed in there too.

  foo           ${foo.origin}
  lorem         ${lorem.origin}
  your account  ${sso.origin}

Username and password:

${accounts.join('\n')}

The logs are in ${dirname(sso.logFile)}. Ctrl-C ends it all.
`;
}
