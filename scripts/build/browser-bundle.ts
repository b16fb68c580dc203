/** A Vite configuration that bundles packages/browser as an app would, for size-limit to measure. */
import { join } from 'node:path';
import { defineConfig } from 'vite';
import { workspace } from '../node24.mjs';

export default defineConfig({
  root: workspace,
  logLevel: 'warn',
  build: {
    outDir: 'node_modules/.browser-bundle',
    target: 'es2022',
    modulePreload: false,
    rolldownOptions: {
      input: join(workspace, 'packages/browser/src/index.ts'),
      preserveEntrySignatures: 'strict',
      output: { format: 'es', entryFileNames: 'browser.js' },
    },
  },
});
