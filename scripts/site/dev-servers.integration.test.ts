/** The apps' server and the lab's as `pnpm dev` runs them: what Vite serves, and to whom. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.fixture.ts';
import { workspace } from '../node24.mjs';
import { labEnvironmentOf, labOriginOf } from './lab.ts';
import { freePorts } from './ports.ts';
import { SiteProcess } from './site-process.ts';
import { addressOf, environmentOf, originOf, type SiteSettings } from './site-settings.ts';

const servers = {
  foo: { program: 'apps/foo/server/dev.ts', environmentOf: (all: SiteSettings) => environmentOf(all, 'foo') },
  lab: { program: 'apps/lab/server/dev.ts', environmentOf: labEnvironmentOf },
} as const;

async function startDevServer(name: keyof typeof servers) {
  const settings: SiteSettings = {
    scheme: 'http',
    ports: await freePorts(),
    folder: temporaryFolder(),
    certificates: null,
  };
  const origin = name === 'lab' ? labOriginOf(settings) : originOf(settings, name);
  const address = addressOf(settings, name);
  const process = new SiteProcess({
    name,
    origin,
    address,
    authorityFile: null,
    logFile: join(settings.folder, `${name}.log`),
    command: [servers[name].program],
    environment: servers[name].environmentOf(settings),
  });
  onTestFinished(() => process.stop());
  await process.start();
  return { origin, address };
}

/** As a page of another origin on this machine sends it. */
const FOREIGN = { Origin: 'http://other.localhost:5000' };

/** A key file in the workspace, as `pnpm dev` keeps one. */
function keysFile(): string {
  mkdirSync(join(workspace, '.data'), { recursive: true });
  const folder = mkdtempSync(join(workspace, '.data/dev-servers-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'sso.db.keys.json');
  writeFileSync(file, '{"d":"secret"}');
  return file;
}

async function ask(origin: string, address: string, path: string) {
  const headers = { ...FOREIGN, Host: new URL(origin).host };
  const sent = request(new URL(address), { path, headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

describe.each(['foo', 'lab'] as const)('during development, the server of %s', (name) => {
  test('serves its page’s sources, and nothing else of the workspace [T-LAB-01]', async () => {
    const { origin, address } = await startDevServer(name);
    const keys = keysFile();
    const served = ['/', '/@vite/client', '/src/App.tsx', `/@fs${workspace}packages/ui/src/index.ts`];
    for (const path of served) {
      const { status, headers } = await ask(origin, address, path);
      expect([status, headers['access-control-allow-origin']], path).toEqual([200, undefined]);
    }
    const refused = [
      keys,
      ...['package.json', 'apps/sso/src/main.ts', `apps/${name}/server/dev.ts`].map(inWorkspace),
    ];
    for (const file of refused) {
      for (const query of ['', '?raw', '?url', '?import&raw', '?raw??']) {
        const { status, headers, body } = await ask(origin, address, `/@fs${file}${query}`);
        expect([status, headers['access-control-allow-origin']], file + query).toEqual([403, undefined]);
        expect(body).not.toContain('secret');
      }
    }
  });
});

const inWorkspace = (path: string) => join(workspace, path);
