/**
 * Builds the page into `dist/`, from where the app's server serves it under a strict Content-Security-Policy:
 * nothing is inlined, neither as a data: URI nor as a script. What is text lies there compressed, too.
 */
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

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

/** Compresses once, at the highest level, what a server would else compress for every visitor, or not at all. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const file of Object.values(bundle)) {
          if (!/\.(js|css|svg)$/.test(file.fileName)) continue;
          const text = file.type === 'chunk' ? file.code : file.source;
          const { fileName } = file;
          this.emitFile({ type: 'asset', fileName: `${fileName}.br`, source: brotliCompressSync(text) });
          this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: gzipSync(text, { level: 9 }) });
        }
      },
    },
  };
}
