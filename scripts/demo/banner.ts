/** The text that `npm start` prints once the site runs: addresses, usernames and passwords. */
import { dirname } from 'node:path';
import { demoAccounts } from '../site/demo-accounts.ts';
import type { Site } from '../site/site.ts';

export function banner({ sso, foo, lorem, lab }: Site): string {
  const accounts = demoAccounts.map(
    ({ username, password, displayName }) => `  ${username.padEnd(13)}${password.padEnd(31)}${displayName}`,
  );
  return `
Sign in at foo, then open lorem: you are signed in there too.

  foo           ${foo.origin}
  lorem         ${lorem.origin}
  your account  ${sso.origin}
${lab === null ? '' : `  the lab       ${lab.origin} (watch every request as it happens)\n`}
Usernames and passwords:

${accounts.join('\n')}

The logs are in ${dirname(sso.logFile)}. Press Ctrl-C to stop.
`;
}
