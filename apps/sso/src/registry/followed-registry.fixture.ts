/** A registry that follows a file of its own, for one test. */
import { writeFileSync } from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { registeredApp, registryText } from '../../../../test/support/sso/registered-app.ts';
import { FOO, LOREM, SSO, temporaryFolder } from '../../../../test/support/sso/test-service.ts';
import { AppRegistry } from './app-registry.ts';
import type { RegisteredApp } from './read-registry.ts';
import type { RegistryChange } from './registry-change.ts';

export const BAR = 'http://bar.app.example.localhost:4003';
export const foo = registeredApp({ origin: FOO, name: 'Foo', server: 'http://127.0.0.1:4001' });
export const lorem = registeredApp({ origin: LOREM, name: 'Lorem', server: 'http://127.0.0.1:4002' });
export const bar = registeredApp({ origin: BAR, name: 'Bar', server: 'http://127.0.0.1:4003' });

export const CHANGED = 'the registry has changed';
export const SAME = 'the registry was read again and has the same apps';
export const REFUSED = 'the registry was refused; the one read before stays in force';

/**
 * A registry that was read at start, and what it has logged and announced since.
 *
 * @param create writes the file; by default a plain file with these apps
 */
export async function followedRegistry(
  apps: RegisteredApp[],
  create: (file: string) => void = (file) => writeFileSync(file, registryText(apps)),
) {
  const file = path.join(temporaryFolder(), 'apps.json');
  create(file);
  const clock = { now: 1000 };
  const log = { info: vi.fn(), warn: vi.fn() };
  const registry = new AppRegistry({ file, ssoOrigin: SSO, apps, warnings: [], clock: () => clock.now, log });
  const changes: RegistryChange[] = [];
  registry.onChange((change) => changes.push(change));
  const poll = async (times = 1) => {
    for (let count = 0; count < times; count += 1) await registry.poll();
  };
  await poll(2);
  return {
    registry,
    file,
    clock,
    log,
    changes,
    poll,
    write: (apps: unknown, to = file) => writeFileSync(to, registryText(apps)),
    origins: () => registry.apps.map(({ origin }) => origin),
  };
}

/** Lets the file look unchanged from now on. */
export async function freezeStatus(file: string): Promise<void> {
  const { stat } = fsPromises;
  const status = await stat(file, { bigint: true });
  onTestFinished(() => {
    fsPromises.stat = stat;
    syncBuiltinESMExports();
  });
  fsPromises.stat = (async () => status) as unknown as typeof stat;
  syncBuiltinESMExports();
}
