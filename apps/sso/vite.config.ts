/**
 * Builds the account page into `dist/`, from where the SSO service serves it under a strict
 * Content-Security-Policy: nothing is inlined. The assets go to `account/assets/`, the path at which they are
 * served.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressed } from '../../scripts/build/compressed.ts';

export default defineConfig({
  root: 'page',
  plugins: [react(), compressed()],
  build: {
    outDir: '../dist',
    assetsDir: 'account/assets',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The first browsers that support light-dark(), so that it stays in the style sheet as written.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
});
