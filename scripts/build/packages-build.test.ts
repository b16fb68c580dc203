import { expect, test } from 'vitest';
import { rewriteSpecifiers, toPublishedManifest } from './packages-build.ts';

test('imports of internal packages, including types, point to the copies in the tarball', () => {
  const text = `'use client';
import { a } from '@samesite-sso/protocol';
export * from "@samesite-sso/protocol";
import '@samesite-sso/core';
type A = import("@samesite-sso/protocol").A;
const b = await import('@samesite-sso/core');`;
  expect(rewriteSpecifiers(text, 'index.js', ['protocol', 'core'])).toBe(`'use client';
import { a } from './internal/protocol/index.js';
export * from "./internal/protocol/index.js";
import './internal/core/index.js';
type A = import("./internal/protocol/index.js").A;
const b = await import('./internal/core/index.js');`);
});

test('an internal copy imports another copy by a relative path', () => {
  const text = `import { a } from '@samesite-sso/protocol';`;
  const rewritten = `import { a } from '../protocol/index.js';`;
  expect(rewriteSpecifiers(text, 'internal/core/http.js', ['protocol'])).toBe(rewritten);
});

test('text that only mentions a package of ours stays unchanged', () => {
  const text = `/** Used with '@samesite-sso/protocol'. */
const name = '@samesite-sso/protocol';
import { app } from '@samesite-sso/another';`;
  expect(rewriteSpecifiers(text, 'index.js', ['protocol'])).toBe(text);
});

test('a published manifest refers to compiled files and to no package of the workspace [T-SUPPLY-05]', () => {
  const manifest = {
    name: '@samesite-sso/x',
    private: true,
    bin: { x: './src/cli.ts' },
    exports: { '.': './src/index.ts', './page': './src/page.tsx' },
    dependencies: { '@samesite-sso/protocol': 'workspace:*', jose: '6.0.0' },
    devDependencies: { vite: '8.0.0' },
  };
  const internal = { dependencies: { valibot: '1.0.0' }, peerDependencies: { fastify: '^5.0.0' } };
  expect(toPublishedManifest(manifest, [internal])).toEqual({
    name: '@samesite-sso/x',
    files: ['dist', 'CHANGELOG.md'],
    bin: { x: './dist/cli.js' },
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './page': { types: './dist/page.d.ts', default: './dist/page.js' },
    },
    dependencies: { jose: '6.0.0', valibot: '1.0.0' },
    peerDependencies: { fastify: '^5.0.0' },
  });
});
