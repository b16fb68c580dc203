/** The command lines of the SSO service and the apps, beside the running site. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { workspace } from '../scripts/node24.mjs';
import type { ProcessName } from '../scripts/site/site-settings.ts';

/** @param folder of the site's databases @returns what the SSO service's command line prints */
export function administrate(folder: string, command: readonly string[], input = ''): string {
  return run('apps/sso/src/cli.ts', command, { SSO_DATABASE: join(folder, 'sso.db') }, input);
}

/** An app's own command line. */
export function administrateApp(
  folder: string,
  name: Exclude<ProcessName, 'sso'>,
  command: readonly string[],
): string {
  const environment = { APP_DATABASE: join(folder, `${name}.db`) };
  return run('packages/relying-app/src/cli.ts', command, environment, '');
}

function run(
  program: string,
  command: readonly string[],
  environment: Record<string, string>,
  input: string,
): string {
  return execFileSync(process.execPath, [program, ...command], {
    cwd: workspace,
    env: { ...process.env, ...environment },
    input,
    encoding: 'utf8',
  });
}
