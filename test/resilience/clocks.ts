/** A site whose processes have clocks that a test sets while they run. See `false-clock.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { SiteProcess } from '../../scripts/site/site-process.ts';
import { type RunningSite, runningSite } from '../support/process-site.ts';
import { temporaryFolder } from '../support/temporary-folder.fixture.ts';

const NAMES = ['sso', 'foo'] as const;

export type Clocks = Readonly<Record<(typeof NAMES)[number], number>>;

export interface SiteWithClocks extends RunningSite {
  /** Sets the clocks of the SSO service and foo, in seconds from the true time. */
  set(clocks: Partial<Clocks>): Promise<void>;
}

export async function siteWithClocks(): Promise<SiteWithClocks> {
  const folder = temporaryFolder();
  const fileOf = (name: string) => join(folder, `${name}.clock`);
  const preload = new URL('false-clock.ts', import.meta.url).href;
  const environmentOf = (name: string) => ({
    FALSE_CLOCK: fileOf(name),
    NODE_OPTIONS: `--import=${preload}`,
  });
  for (const name of NAMES) writeFileSync(fileOf(name), '0');
  const site = await runningSite({
    folder,
    environment: { sso: environmentOf('sso'), foo: environmentOf('foo') },
  });
  const setOne = async ({ name, pid }: SiteProcess, seconds: number) => {
    const milliseconds = String(seconds * 1000);
    writeFileSync(fileOf(name), milliseconds);
    process.kill(pid ?? Number.NaN, 'SIGUSR2');
    await expect.poll(() => readFileSync(`${fileOf(name)}.seen`, 'utf8')).toBe(milliseconds);
  };
  return {
    ...site,
    set: async (clocks) => {
      await Promise.all(NAMES.map((name) => setOne(site[name], clocks[name] ?? 0)));
    },
  };
}
