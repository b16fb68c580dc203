/**
 * Holds what a browser downloads to its limits: packages/browser as an app would bundle it, and the scripts
 * that each built page loads at first. Brotli at its default quality, 11.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'vite';
import { builtPage, type PageName } from '../build/page-build.ts';
import { workspace } from '../node24.mjs';

const browserPackageLimit = 3600;
const firstLoadLimit = 75_000;

async function browserPackageBytes(): Promise<number> {
  const result = await build({
    configFile: false,
    root: workspace,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: join(workspace, 'packages/browser/src/index.ts'),
        preserveEntrySignatures: 'strict',
        output: { format: 'es' },
      },
    },
  });
  if (Array.isArray(result) || !('output' in result))
    throw new Error('Vite was expected to build one bundle.');
  const scripts = result.output.map((file) => (file.type === 'chunk' ? file.code : ''));
  return brotliCompressSync(scripts.join('')).length;
}

/** The page's own scripts: the entry and what the page names for preloading because the entry imports it. */
function firstLoadBytes(name: PageName): number {
  const document = builtPage(name);
  const tags = readFileSync(document, 'utf8').match(/<(?:script|link)\b[^>]*>/g) ?? [];
  const paths = tags
    .filter((tag) => tag.startsWith('<script') || /\brel="?modulepreload\b/.test(tag))
    .map((tag) => /\b(?:src|href)="([^"]+)"/.exec(tag)?.[1])
    .filter((path) => path !== undefined);
  if (paths.length === 0) throw new Error(`${document} loads no script.`);
  return paths
    .map((path) => brotliCompressSync(readFileSync(join(dirname(document), path))).length)
    .reduce((sum, bytes) => sum + bytes, 0);
}

function check(what: string, bytes: number, limit: number): void {
  console.log(`${what}: ${bytes} of at most ${limit} bytes`);
  if (bytes > limit) process.exitCode = 1;
}

check('packages/browser', await browserPackageBytes(), browserPackageLimit);
check("foo's first load", firstLoadBytes('foo'), firstLoadLimit);
check("the account page's first load", firstLoadBytes('sso'), firstLoadLimit);
