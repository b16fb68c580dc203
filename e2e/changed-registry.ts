/** Changes an app's entry in the registry of the running SSO service, for the duration of a story. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { StorySite } from './story-site.ts';

const CHANGED = 'the registry has changed';

/** @param members of the entry, in addition to those that it has */
export async function withEntry(
  site: StorySite,
  origin: string,
  members: { groups?: string[]; secondFactor?: boolean },
  story: () => Promise<void>,
): Promise<void> {
  const file = join(site.folder, 'apps.json');
  const before = readFileSync(file, 'utf8');
  const changes = () => readFileSync(site.sso.logFile, 'utf8').split(CHANGED).length;
  const change = async (registry: string) => {
    const count = changes();
    writeFileSync(file, registry);
    await expect.poll(changes).toBe(count + 1);
  };
  const apps: { origin: string }[] = JSON.parse(before);
  await change(JSON.stringify(apps.map((app) => (app.origin === origin ? { ...app, ...members } : app))));
  await story().finally(() => change(before));
}
