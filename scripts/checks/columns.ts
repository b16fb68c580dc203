/**
 * Lists the lines and the source files that are too long. Biome wraps code, but neither comments nor strings,
 * and it doesn't parse Markdown, whose tables and URLs can't be wrapped.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../node24.mjs';

const MAX_COLUMNS = 110;
const MAX_MARKDOWN_COLUMNS = 130;
const MAX_SOURCE_LINES = 220;

/** Prose of others, JSON of tools, and what isn't text. */
const EXEMPT = /^LICENSE$|(^|\/)pnpm-lock\.yaml$|\.(json|txt|png|svg|ico|woff2)$/;
const SOURCE = /^(apps|packages|scripts|bench)\/.+\.(ts|tsx|mjs)$/;
const TEST = /\.(test|fixture|test-suite)\.tsx?$|\/contract\//;

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: workspace, encoding: 'utf8' });
for (const file of tracked.split('\0').filter((name) => name !== '' && !EXEMPT.test(name))) {
  const lines = readFileSync(join(workspace, file), 'utf8').split('\n');
  for (const [index, line] of lines.entries()) {
    if (isTooLong(file, line)) report(`${file}:${index + 1} has ${line.length} columns`);
  }
  if (SOURCE.test(file) && !TEST.test(file) && lines.length - 1 > MAX_SOURCE_LINES) {
    report(`${file} has ${lines.length - 1} lines`);
  }
}

function isTooLong(file: string, line: string): boolean {
  if (!file.endsWith('.md')) return line.length > MAX_COLUMNS;
  return line.length > MAX_MARKDOWN_COLUMNS && !/^\s*\||https?:\/\/\S{60}/.test(line);
}

function report(problem: string): void {
  console.error(problem);
  process.exitCode = 1;
}
