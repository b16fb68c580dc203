/**
 * The site of a story, in whichever browser it is told: SSO service, foo and lorem as real processes on free ports, with
 * real accounts, and the strangers' certificates.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../scripts/site/free-ports.ts';
import { type Site, type SiteOptions, startSite } from '../scripts/site/site.ts';
import type { Scheme } from '../scripts/site/site-settings.ts';
import { type StrangerCertificates, strangerCertificates } from './foreign-origin.ts';

export interface StorySite extends Site {
  /** Where the databases are. It goes when the site stops. */
  folder: string;
  strangers: StrangerCertificates;
  /** Those that the browser has to trust. */
  authorityFiles: readonly string[];
}

export async function startStorySite(
  scheme: Scheme,
  environment: SiteOptions['environment'],
): Promise<StorySite> {
  const folder = mkdtempSync(join(tmpdir(), 'samesite-sso-e2e-'));
  const ports = await freePorts();
  const site = await startSite({ scheme, folder, ports, ...(environment && { environment }) });
  const strangers = await strangerCertificates(join(folder, 'strangers'));
  const authorities = [site.authorityFile, ...Object.values(strangers).map((each) => each.authorityFile)];
  const stop = async () => {
    await site.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const authorityFiles = [...new Set(authorities)].filter((file) => file !== null);
  return { ...site, folder, strangers, authorityFiles, stop };
}
