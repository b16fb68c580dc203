import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspace } from './node24.mjs';

const { scripts } = JSON.parse(readFileSync(join(workspace, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const installing = Object.entries(scripts).filter(([, command]) => command.includes('scripts/install.mjs'));

test.each(installing)('npm run %s starts no Node from the shell that installed Node 24', (_name, command) => {
  const [, ...following] = command.split('&&').map((part) => part.trim().split(' ', 1)[0]);
  expect(following).not.toContain('node');
});
