/**
 * The demo: the whole site until Ctrl-C, with its data in .data/. `DEMO_SCHEME=https` runs it over HTTPS.
 * site.ts defines what the site consists of.
 */
import { join } from 'node:path';
import { buildPagesIfOutdated } from '../build/page-build.ts';
import { workspace } from '../node24.mjs';
import type { Scheme } from '../site/site-settings.ts';
import { banner } from './banner.ts';
import { runSite } from './run-site.ts';
import { howToTrust } from './trust.ts';

await runSite(
  () => {
    const scheme = readScheme(process.env['DEMO_SCHEME']);
    buildPagesIfOutdated();
    return { scheme, folder: join(workspace, '.data', scheme), hasLab: true };
  },
  (site) => {
    if (site.certificates !== null) console.log(howToTrust(site.certificates.authorityFile));
    console.log(banner(site));
  },
);

function readScheme(value = 'http'): Scheme {
  if (value === 'http' || value === 'https') return value;
  throw new Error(`DEMO_SCHEME is ${JSON.stringify(value)}; it must be http or https.`);
}
