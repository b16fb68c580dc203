/** What a page downloads to sign people in: our package and two libraries, bundled in the same way. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../../scripts/node24.mjs';
import { bundle, gzipBytes } from '../bundle.ts';
import type { Table } from '../table.ts';

const KILOBYTE = 1000;

export async function bytes(): Promise<Table> {
  const bundles = {
    '`packages/browser`': await bundle('bundles/samesite-sso.ts'),
    '`oidc-client-ts`': await bundle('bundles/oidc-client-ts.ts'),
    '`@auth0/auth0-spa-js`': await bundle('bundles/auth0-spa-js.ts'),
  };
  const firstLoad = globSync(['index.html', 'assets/*.{js,css}'], {
    cwd: join(workspace, 'apps/foo/dist'),
  }).map((file) => readFileSync(join(workspace, 'apps/foo/dist', file)));
  const row = (name: string, contents: readonly (string | Buffer)[]) => {
    const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0) / KILOBYTE;
    return [name, sum(contents.map((each) => Buffer.byteLength(each))), sum(contents.map(gzipBytes))];
  };
  return {
    headings: ['', 'minified, kB', 'gzip, kB'],
    rows: [
      ...Object.entries(bundles).map(([name, code]) => row(name, [code])),
      row("foo's page: document, script and style, React included", firstLoad),
    ],
  };
}
