/**
 * Lists the lines that are too long: Biome wraps code, but not comments or strings, and it doesn't parse
 * Markdown. Tables and URLs in Markdown can't be wrapped, so they may be longer.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../node24.mjs';

const MAX_CODE_COLUMNS = 110;
const MAX_MARKDOWN_COLUMNS = 130;

const files = globSync('**/*.{ts,tsx,mjs,js,css,yml,yaml,md}', {
  cwd: workspace,
  exclude: ['**/node_modules/**', '**/dist/**', '.data/**', 'e2e/results/**', 'pnpm-lock.yaml'],
});
for (const file of files.sort()) {
  for (const [index, line] of readFileSync(join(workspace, file), 'utf8').split('\n').entries()) {
    if (!isTooLong(file, line)) continue;
    console.error(`${file}:${index + 1} has ${line.length} columns`);
    process.exitCode = 1;
  }
}

function isTooLong(file: string, line: string): boolean {
  if (!file.endsWith('.md')) return line.length > MAX_CODE_COLUMNS;
  return line.length > MAX_MARKDOWN_COLUMNS && !/^\s*\||https?:\/\/\S{60}/.test(line);
}
