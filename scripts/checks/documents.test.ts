/** Checks the documents: links resolve, and the commands and names they mention exist. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const workspace = path.resolve(import.meta.dirname, '../..');
const documents = globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md'], { cwd: workspace }).sort();
const { scripts } = JSON.parse(readFileSync(path.join(workspace, 'package.json'), 'utf8'));

interface Link {
  words: string;
  file: string;
  anchor: string;
}

/** Inline links, and the definitions of reference links. */
function linksOf(document: string, markdown: string): Link[] {
  return [...markdown.matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g), ...markdown.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)]
    .map(([, words = '', target = '']) => ({ words, target }))
    .filter(({ target }) => !/^https?:/.test(target))
    .map(({ words, target }) => {
      const [file = '', anchor = ''] = target.split('#');
      return { words, anchor, file: file === '' ? document : path.join(path.dirname(document), file) };
    });
}

/** The anchors that GitHub makes of headings. A link to a folder shows the folder's README. */
function anchorsOf(file: string): string[] {
  const markdown = read(
    existsSync(path.join(workspace, file, 'README.md')) ? path.join(file, 'README.md') : file,
  );
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function read(file: string): string {
  return readFileSync(path.join(workspace, file), 'utf8');
}

describe.each(documents)('%s', (document) => {
  const markdown = read(document);
  const links = linksOf(document, markdown);

  test('links to files and headings that exist', () => {
    const broken = links.filter(({ file, anchor }) => {
      if (!existsSync(path.join(workspace, file))) return true;
      return anchor !== '' && !anchorsOf(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('names only functions that the linked file declares', () => {
    const lost = links.filter(({ words, file }) => {
      const [, name] = /^`([a-z]\w+)`$/.exec(words) ?? [];
      return name !== undefined && !read(file).includes(`function ${name}(`);
    });
    expect(lost).toEqual([]);
  });

  test('names commands that exist', () => {
    const code = [...markdown.matchAll(/^ *```.*?\n(.*?)^ *```|`([^`\n]+)`/gms)].map(
      ([, block, span]) => block ?? span ?? '',
    );
    const run = [...code.join('\n').matchAll(/^(?:\w+=\S+ )?(?:npm|pnpm)(?: run)? ([\w:-]+)/gm)].map(
      ([, command = '']) => command,
    );
    const builtIn = ['install', 'uninstall', 'add', 'pack', 'i', 'exec', 'run'];
    const exists = (command: string) =>
      scripts[command] !== undefined ||
      builtIn.includes(command) ||
      existsSync(path.join(workspace, 'node_modules/.bin', command));
    expect(run.filter((command) => !exists(command))).toEqual([]);
    const programs = [...markdown.matchAll(/\bnode ((?:apps|packages|scripts)\/[\w./-]+)/g)].map(
      ([, file = '']) => file,
    );
    expect(programs.filter((file) => !existsSync(path.join(workspace, file)))).toEqual([]);
  });
});

test('docs/integration.md shows the code of examples/plain-page as it is', () => {
  const server = read('examples/plain-page/server.js');
  const page = read('examples/plain-page/page/page.js');
  const blocks = [...read('docs/integration.md').matchAll(/```js\n(.+?)```/gs)].map(([, code = '']) =>
    code.trim(),
  );
  expect(blocks.length).toBeGreaterThan(0);
  for (const code of blocks) expect(`${server}\n${page}`).toContain(code);
});

test('docs/configuration.md lists every variable that the programs read', () => {
  const source = [
    'apps/sso/src/config.ts',
    'apps/foo/server/config.ts',
    'apps/lab/server/config.ts',
    'apps/lab/reporter/reporter-config.ts',
  ]
    .map(read)
    .join('');
  const variables = new Set([...source.matchAll(/^\s+([A-Z][A-Z_]+): /gm)].map(([, name = '']) => name));
  expect(variables.size).toBeGreaterThan(10);
  const configuration = read('docs/configuration.md');
  expect([...variables].filter((name) => !configuration.includes(`\`${name}\``))).toEqual([]);
});

test('the README is a landing page of at most 130 lines', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(130);
});
