/** The SSO service as a process of its own, with ada in it, for tests that no injected request can tell. */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { runProgram, spawnProgram } from './run-program.ts';
import { FOO, PASSWORD, SSO, temporaryFolder } from './test-service.ts';

/** A port that was free a moment ago. */
export async function freePort(): Promise<{ port: number; release(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const release = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { port: typeof address === 'object' && address !== null ? address.port : 0, release };
}

/** What a service is told that has never run. */
export async function environment() {
  const folder = temporaryFolder();
  const { port, release } = await freePort();
  await release();
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

/** A running service, ready to serve. */
export async function running() {
  const { folder, url, variables } = await environment();
  await runProgram(
    'cli.ts',
    ['account', 'add', 'ada', '--name', 'Ada', '--password-stdin'],
    variables,
    PASSWORD,
  );
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

/** The service as a process, once it listens. */
export async function started(variables: Record<string, string>) {
  const { child, ended } = spawnProgram('main.ts', [], variables);
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (text: string) => text.includes('Server listening') && resolve());
    child.once('close', () => reject(new Error('the service did not start')));
  });
  return { child, ended };
}
