/** The SSO service as a process, for tests that need more than injected requests. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '../../../scripts/site/ports.ts';
import { addDemoAccounts } from '../accounts.ts';
import { spawnProgram } from './run-program.ts';
import { FOO, PASSWORD, SSO, temporaryFolder } from './test-service.ts';

/** The environment of a service that has never run. */
export async function environment() {
  const folder = temporaryFolder();
  const port = await freePort();
  writeFileSync(path.join(folder, 'apps.json'), JSON.stringify([{ origin: FOO, name: 'Foo' }]));
  return {
    folder,
    url: `http://127.0.0.1:${port}`,
    variables: {
      SSO_ORIGIN: SSO,
      SSO_LISTEN: `127.0.0.1:${port}`,
      SSO_DATABASE: path.join(folder, 'sso.sqlite'),
      SSO_APPS: path.join(folder, 'apps.json'),
    },
  };
}

/** A service that is ready, and requests of foo's page to it. */
export async function running() {
  const { folder, url, variables } = await environment();
  await addDemoAccounts(variables.SSO_DATABASE, ['ada']);
  const { child, ended } = await started(variables);
  const post = (body: unknown, cookie = '') =>
    fetch(`${url}/`, {
      method: 'POST',
      headers: { origin: FOO, 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    });
  const logIn = () => post({ request: 'login', username: 'ada', password: PASSWORD });
  return { folder, url, variables, child, ended, post, logIn };
}

/** The service as a process that listens. */
export async function started(variables: Record<string, string>) {
  const { child, ended } = spawnProgram('main.ts', [], variables);
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: string) => text.includes('Server listening') && resolve());
    child.once('close', () => reject(new Error('the service did not start')));
  });
  return { child, ended };
}
