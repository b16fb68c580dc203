/** Keeps docs/threats.md and docs/asvs.md true: each test that they name exists, and each threat has a defence and a test. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const workspace = path.resolve(import.meta.dirname, '../..');
const docs = path.join(workspace, 'docs');

interface NamedTest {
  /** From the workspace. */
  file: string;
  title: string;
}

function read(file: string): string {
  return readFileSync(path.join(workspace, file), 'utf8');
}

/** `[origins.test.ts](../test/security/origins.test.ts) “one title” (a case of it), “another”`: what is quoted behind a link to tests. */
function testsNamedIn(markdown: string): NamedTest[] {
  return [
    ...markdown.matchAll(/\]\(([^)#]+(?:\.(?:test|spec)\.tsx?|\.test-suite\.ts))\)([^|[\n]*)/g),
  ].flatMap(([, target = '', titles = '']) => {
    const file = path.relative(workspace, path.resolve(docs, target));
    return [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => ({ file, title }));
  });
}

/** Whether a file of tests has one of that title, as it stands in the source, `%s` and all. */
function has({ file, title }: NamedTest): boolean {
  const source = read(file).replaceAll("\\'", "'");
  const beginnings = ['(', '[', ' ', '\n'];
  return ["'", '"', '`'].some((quote) =>
    beginnings.some((before) => source.includes(before + quote + title + quote)),
  );
}

/** The rows of all tables whose heading starts with `| attack |`. */
function threatsOf(markdown: string): string[][] {
  const tables = markdown.match(/^\| attack \|.*\n(?:\|.*\n)+/gm) ?? [];
  return tables.flatMap((table) =>
    table
      .trim()
      .split('\n')
      .slice(2)
      .map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, ''))),
  );
}

test.each(['docs/threats.md', 'docs/asvs.md'])('%s names tests that exist', (document) => {
  const named = testsNamedIn(read(document));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((one) => !has(one))).toEqual([]);
});

describe('each threat', () => {
  const threats = threatsOf(read('docs/threats.md'));

  test('has an attack, a gain, a defence with its file, and a test with its title', () => {
    expect(threats.length).toBeGreaterThan(50);
    const incomplete = threats.filter(([attack, gain, defence = '', proof = '', ...surplus]) => {
      if (!attack || !gain || surplus.length > 0) return true;
      return !/\]\([^)]+\)/.test(defence) || testsNamedIn(proof).length === 0;
    });
    expect(incomplete).toEqual([]);
  });

  test('stands in a table', () => {
    const [, attacks = ''] = read('docs/threats.md').split(/^## (?:The attacks|What stays open)$/m);
    const rows = attacks.split('\n').filter((line) => /^\| (?!attack \|)/.test(line));
    expect(rows).toHaveLength(threats.length);
  });

  test('that is tried has its place in the table: no file of attacks or faults is left out', () => {
    const named = new Set(testsNamedIn(read('docs/threats.md')).map(({ file }) => file));
    const tried = globSync('test/{security,resilience}/*.test.ts', { cwd: workspace });
    named.add('test/security/site.test.ts'); // It tries nothing: it shows that there is something to attack.
    expect(tried.filter((file) => !named.has(file)).sort()).toEqual([]);
  });
});

test('a title that stands nowhere is found out', () => {
  const self = 'scripts/checks/threats.test.ts';
  expect(testsNamedIn('x | [here](../scripts/checks/threats.test.ts) “one”, “another” |')).toEqual([
    { file: self, title: 'one' },
    { file: self, title: 'another' },
  ]);
  expect(has({ file: self, title: 'a title that stands nowhere is found out' })).toBe(true);
  // Made of two, or it would stand here.
  expect(has({ file: self, title: ['no test', 'has this title'].join(' ') })).toBe(false);
});
