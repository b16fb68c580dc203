import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspace } from '../node24.mjs';

const read = (file: string) => readFileSync(join(workspace, file), 'utf8');

test('.env.example lists each variable that a program reads, and no other', () => {
  const listed = [...read('.env.example').matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name = '']) => name);
  const configs = [
    'apps/sso/src/config.ts',
    'apps/foo/server/config.ts',
    'apps/lab/server/config.ts',
    'apps/lab/reporter/reporter-config.ts',
  ]
    .map(read)
    .join('');
  const variables = [...configs.matchAll(/^\s+([A-Z][A-Z_]+): /gm)].map(([, name = '']) => name);
  expect(variables.length).toBeGreaterThan(10);
  expect(variables.filter((name) => !listed.includes(name))).toEqual([]);

  const sources = globSync('{apps,packages}/*/{src,server,reporter}/**/*.ts', { cwd: workspace })
    .map(read)
    .join('');
  const unread = listed.filter((name) => !sources.includes(name) && name !== 'NODE_EXTRA_CA_CERTS');
  expect(unread).toEqual([]);
});
