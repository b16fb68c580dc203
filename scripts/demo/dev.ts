/**
 * `pnpm dev`: the site with every process started anew when its sources change, and the apps' page served from its
 * sources, reloading in place, on their own origins. The account page is the built one.
 */
import { join } from 'node:path';
import { buildPagesIfOutdated } from '../build/page-build.ts';
import { workspace } from '../node24.mjs';
import { introduction } from './banner.ts';
import { runSite } from './run-site.ts';

await runSite(
  () => {
    buildPagesIfOutdated(['sso']);
    return { scheme: 'http', folder: join(workspace, '.data/dev'), watch: true };
  },
  (site) => console.log(introduction(site)),
);
