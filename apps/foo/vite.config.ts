/**
 * Builds the page into `dist/`, from where the app's server serves it under a strict Content-Security-Policy:
 * nothing is inlined, neither as a data: URI nor as a script. What is text lies there compressed, too.
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
    // The first browsers that know light-dark(), so that the style sheet reaches them as it was written.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
  },
});
