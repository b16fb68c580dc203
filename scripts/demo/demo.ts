/**
 * The demo: the whole site at the contract's origins until Ctrl-C, its data kept under .data/.
 * `DEMO_SCHEME=https` does it over HTTPS. What the site consists of is site.ts's business.
 */
import { join } from 'node:path';
import { buildPagesIfOutdated } from '../build/page-build.ts';
import { workspace } from '../node24.mjs';
import type { Scheme } from '../site/site-settings.ts';
import { introduction } from './banner.ts';
import { runSite } from './run-site.ts';
import { howToTrust } from './trust.ts';

await runSite(
  () => {
    const scheme = demoScheme(process.env['DEMO_SCHEME']);
    buildPagesIfOutdated();
    return { scheme, folder: join(workspace, '.data', scheme) };
  },
  (site) => {
    if (site.authorityFile !== null) console.log(howToTrust(site.authorityFile));
    console.log(introduction(site));
  },
);

function demoScheme(value = 'http'): Scheme {
  if (value === 'http' || value === 'https') return value;
  throw new Error(`DEMO_SCHEME is ${JSON.stringify(value)}; it can be http or https.`);
}
