/**
 * Builds the page into `dist/`. The lab's server serves it under a strict Content-Security-Policy, so nothing
 * is inlined, neither as a data: URI nor as a script. Text files are also stored compressed.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressed } from '../../scripts/build/compressed.ts';

export default defineConfig({
  root: 'page',
  plugins: [react(), compressed()],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The oldest browsers with light-dark(), so that the build leaves it as it is.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
});
