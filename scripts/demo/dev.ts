/**
 * `pnpm dev`: the site with every process started anew when its sources change, and the page served from its
 * sources, reloading in place, on the apps' own origins.
 */
import { join } from 'node:path';
import { workspace } from '../node24.mjs';
import { introduction } from './introduction.ts';
import { runSite } from './run-site.ts';

await runSite(
  () => ({ scheme: 'http', folder: join(workspace, '.data/dev'), watch: true }),
  (site) => console.log(introduction(site)),
);
