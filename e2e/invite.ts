/** Invites people on the command line, as an operator does. */
import { runCommandLine } from '../scripts/site/demo-accounts.ts';
import { storageEnvironmentOf } from '../scripts/site/site-settings.ts';
import type { StorySite } from './story-site.ts';

/** @returns the link that the command line prints */
export function invite(site: StorySite, username: string, ...options: readonly string[]): string {
  const environment = { ...storageEnvironmentOf(site, 'sso'), SSO_ORIGIN: site.sso.origin };
  const command = ['account', 'invite', username, ...options, '--json'];
  return JSON.parse(runCommandLine('apps/sso/src/cli.ts', command, environment)).link;
}
