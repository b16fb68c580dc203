/**
 * Runs a lab during the security tests. Vitest's workers preload its reporter, which reports each message of
 * the servers in them. The tests themselves are the same, so they show that the lab changes no result.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labEnvironmentOf, labOriginOf, reporterEnvironmentOf } from '../../scripts/site/lab.ts';
import { freePorts } from '../../scripts/site/ports.ts';
import { SiteProcess } from '../../scripts/site/site-process.ts';
import { addressOf, originOf, type SiteSettings } from '../../scripts/site/site-settings.ts';

/** Vitest's global setup: it runs once, before the tests' processes start. */
export default async function startLabBesideTests(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-lab-'));
  const settings: SiteSettings = { scheme: 'http', ports: await freePorts(), folder, certificates: null };
  const lab = new SiteProcess({
    name: 'lab',
    origin: labOriginOf(settings),
    address: addressOf(settings, 'lab'),
    authorityFile: null,
    logFile: join(folder, 'lab.log'),
    command: ['apps/lab/server/main.ts'],
    environment: labEnvironmentOf(settings),
  });
  await lab.start();
  const environment = { ...reporterEnvironmentOf(settings, 'sso'), SSO_ORIGIN: originOf(settings, 'sso') };
  Object.assign(process.env, environment);
  return async () => {
    const received = lab.log().filter((line) => line.includes('"route":"/reports","status":204'));
    await lab.stop();
    rmSync(folder, { recursive: true });
    if (received.length === 0) throw new Error('The tests’ processes reported nothing to the lab.');
  };
}
