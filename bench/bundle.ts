/** Bundles a module into one minified file, with Vite. */

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { workspace } from '../scripts/node24.mjs';

/**
 * @param entry relative to bench/
 * @returns the code of the only file
 */
export async function bundle(entry: string): Promise<string> {
  const built = await build({
    root: join(workspace, 'bench'),
    configFile: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: join(workspace, 'bench', entry),
        preserveEntrySignatures: 'strict',
        output: { format: 'es', codeSplitting: false },
      },
    },
  });
  const [{ output } = { output: [] }] = [built].flat() as { output: { type: string; code: string }[] }[];
  return output.map(({ code }) => code).join('');
}

export function gzipBytes(content: string | Buffer): number {
  return gzipSync(content, { level: 9 }).length;
}
