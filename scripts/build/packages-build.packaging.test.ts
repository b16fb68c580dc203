/** The tarballs in another repository: installed by each package manager, compiled against, and run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workspace } from '../node24.mjs';
import { packPackages } from './packages-build.ts';

const folder = mkdtempSync(join(tmpdir(), 'packages-'));
const tarballs = join(folder, 'tarballs');
const others = ['fastify@5.12.8', '@types/node@24.19.2'];
const react19 = ['react@19.3.1', 'react-dom@19.3.1', '@types/react@19.3.0'];
const react18 = ['react@18.3.1', 'react-dom@18.3.1', '@types/react@18.3.31'];

/** The names of our scope that a package manager asked a registry for. */
const asked: string[] = [];
const registry = createServer(({ url = '' }, response) => {
  asked.push(decodeURIComponent(url));
  response.writeHead(404).end('{}');
});

beforeAll(async () => {
  packPackages(tarballs);
  await once(registry.listen(0, '127.0.0.1'), 'listening');
}, 60_000);

afterAll(() => {
  registry.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}, 60_000);

describe.each([
  ['npm', ['npm', 'install', '--no-audit', '--no-fund'], react18],
  ['pnpm', ['npx', '-y', 'pnpm@12.21.0', 'add'], react19],
  ['Yarn 1', ['npx', '-y', 'yarn@1.22.22', 'add', '--non-interactive', '--silent'], react19],
])('an app that installs the three tarballs by %s', (name, command, react) => {
  const app = join(folder, name.replace(' ', ''));

  test('installs them without asking a registry for a package of ours [T-SUPPLY-05]', async () => {
    mkdirSync(app);
    writeFileSync(join(app, 'package.json'), '{"private":true,"type":"module"}');
    const { port } = registry.address() as AddressInfo;
    writeFileSync(join(app, '.npmrc'), `@samesite-sso:registry=http://127.0.0.1:${port}/\n`);
    const files = readdirSync(tarballs).map((file) => join(tarballs, file));
    expect(files).toHaveLength(3);
    asked.length = 0;
    await run(app, [...command, '--prefer-offline', '--ignore-scripts', ...files, ...others, ...react]);
    expect(asked).toEqual([]);
  });

  test('compiles in strict mode without losing a type', async () => {
    writeFileSync(join(app, 'server.ts'), SERVER);
    writeFileSync(join(app, 'page.tsx'), PAGE);
    const tsc = join(workspace, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024'];
    await run(app, [
      process.execPath,
      tsc,
      ...options,
      '--jsx',
      'react-jsx',
      '--types',
      'node',
      'server.ts',
      'page.tsx',
    ]);
  });

  test('runs the installed packages and the command', async () => {
    const imports = ['relying-app', 'browser', 'react'].map(
      (each) => `await import('@samesite-sso/${each}');`,
    );
    await run(app, [process.execPath, '--input-type=module', '--eval', imports.join('')]);
    await run(app, [join(app, 'node_modules/.bin/samesite-sso-app'), '--help']);
  });

  test('renders the React package on the server', async () => {
    await run(app, [process.execPath, '--input-type=module', '--eval', RENDERING]);
  });

  test('has "use client" in the entry of the React package, for React Server Components', () => {
    const entry = readFileSync(join(app, 'node_modules/@samesite-sso/react/dist/index.js'), 'utf8');
    expect(entry).toMatch(/^['"]use client['"];/);
  });
});

test.each(['browser', 'react', 'relying-app'])(
  'the tarball of %s contains its documents and declares every package that it imports',
  async (name) => {
    const root = join(folder, 'unpacked', name);
    mkdirSync(root, { recursive: true });
    const [tarball = ''] = globSync(`samesite-sso-${name}-*.tgz`, { cwd: tarballs });
    await run(root, ['tar', '-xzf', join(tarballs, tarball)]);
    for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE']) {
      expect(readFileSync(join(root, 'package', file), 'utf8')).not.toBe('');
    }
    const { dependencies, peerDependencies } = JSON.parse(
      readFileSync(join(root, 'package/package.json'), 'utf8'),
    );
    const named = Object.keys({ ...dependencies, ...peerDependencies });
    const imported = globSync('package/dist/**/*.{js,d.ts}', { cwd: root })
      .flatMap((file) => [
        ...readFileSync(join(root, file), 'utf8').matchAll(
          /^(?:import|export)\b[^;]*?\bfrom ['"]((?:@[^/'"]+\/)?[^./'"][^/'"]*)/gm,
        ),
      ])
      .map(([, specifier = '']) => specifier)
      .filter((specifier) => !specifier.startsWith('node:'));
    expect(imported).not.toEqual([]);
    expect(imported.filter((specifier) => !named.includes(specifier))).toEqual([]);
  },
);

// If a type is lost and becomes `any`, the line below @ts-expect-error compiles, which is an error.
const SERVER = `
  import { type AppSession, relyingApp } from '@samesite-sso/relying-app';
  import Fastify from 'fastify';

  const app = Fastify();
  await app.register(relyingApp, {
    origin: 'https://bar.example.com',
    ssoOrigin: 'https://sso.example.com',
    database: 'bar.sqlite',
  });
  app.get('/greeting', async (request) => {
    const { account }: AppSession = await app.sso.requireSession(request);
    // @ts-expect-error
    const number: number = account.displayName;
    return [account.displayName.toUpperCase(), number];
  });
`;
const PAGE = `
  import { createSso, type Outcome, type StepReport } from '@samesite-sso/browser';
  import { type UseSsoResult, SsoProvider, useSso } from '@samesite-sso/react';

  const ssoOrigin = 'https://sso.example.com';
  const sso = createSso({ ssoOrigin, onStep: (report: StepReport) => report.label });
  const outcome: Outcome = await sso.signInSilently();
  if (outcome.status === 'refused') {
    const code: 'overloaded' | 'invalid-token' | string = outcome.code;
    // @ts-expect-error
    const unknown: 'no such code' = outcome.code;
    console.log(code, unknown);
  }
  function Name() {
    const sso: UseSsoResult = useSso();
    // @ts-expect-error
    console.log(sso.account.displayName);
    if (sso.status !== 'signed-in') return null;
    // @ts-expect-error
    const number: number = sso.account.displayName;
    return <p>{sso.account.displayName} {number}</p>;
  }
  export const page = <SsoProvider ssoOrigin={ssoOrigin}><Name /></SsoProvider>;
`;

const RENDERING = `
  import assert from 'node:assert/strict';
  import { createElement } from 'react';
  import { renderToString } from 'react-dom/server';
  import { SsoProvider, useSso } from '@samesite-sso/react';

  const Status = () => useSso().status;
  const options = { ssoOrigin: 'https://sso.example.com' };
  assert.equal(renderToString(createElement(SsoProvider, options, createElement(Status))), 'loading');
`;

/** Runs a command in the folder on Node 24 without blocking this process, which serves as the registry. */
async function run(cwd: string, [command = '', ...options]: readonly string[]): Promise<void> {
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const child = spawn(command, options, {
    cwd,
    // CI: package managers must not prompt.
    env: { ...process.env, PATH: path, CI: 'true' },
    shell: process.platform === 'win32',
    timeout: 50_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const [status] = await once(child, 'close');
  expect(status, output).toBe(0);
}
