/**
 * `pnpm dev`: restarts a process when its sources change, and serves the apps' page and the lab's from their
 * sources with hot reload, on their own origins. The account page is the built one.
 */
import { join } from 'node:path';
import { buildPagesIfOutdated } from '../build/page-build.ts';
import { workspace } from '../node24.mjs';
import { banner } from './banner.ts';
import { runSite } from './run-site.ts';

await runSite(
  () => {
    buildPagesIfOutdated(['sso']);
    return { scheme: 'http', folder: join(workspace, '.data/dev'), watch: true, hasLab: true };
  },
  (site) => console.log(banner(site)),
);
