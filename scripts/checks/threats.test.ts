/**
 * Keeps docs/threats.md and the tests consistent. Every threat names its defense and its test files; tests
 * carry the ids of their threats in brackets: `a session cookie … [T-SESSION-10]` or
 * `… [T-SECRET-01, T-SECRET-05]`.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

interface Threat {
  id: string;
  defenseFiles: string[];
  testFiles: string[];
}

const workspace = path.resolve(import.meta.dirname, '../..');
const threats = threatsOf(read('docs/threats.md'));
const ids = threats.map(({ id }) => id);
const idsByFile = new Map(
  globSync('{apps,packages,test,e2e,scripts}/**/*.{ts,tsx}', {
    cwd: workspace,
    exclude: ['**/node_modules/**', '**/dist/**', path.relative(workspace, import.meta.filename)],
  }).map((file) => [file, idsIn(read(file))]),
);

function read(file: string): string {
  return readFileSync(path.join(workspace, file), 'utf8');
}

/** The threats of a document: the sections whose headings start with an id. */
function threatsOf(markdown: string): Threat[] {
  const targets = new Map(
    [...markdown.matchAll(/^\[([^\]]+)\]: (\S+)$/gm)].map(([, label = '', target = '']) => [
      label,
      path.join('docs', target),
    ]),
  );
  const filesIn = (text = '') =>
    [...text.matchAll(/\[([^\]]+)\](?!\()/g)].map(
      ([, label = '']) => targets.get(label) ?? `undefined: ${label}`,
    );
  return markdown.split(/^#+ /m).flatMap((section) => {
    const [, id] = /^(T-[A-Z]+-\d\d) /.exec(section) ?? [];
    if (id === undefined) return [];
    const [, afterDefense = ''] = section.split('- **Defense:**');
    const [, afterTests = ''] = section.split('- **Tests:**');
    const [defense] = afterDefense.split('\n- **');
    const [tests] = afterTests.split('\n\n');
    return [{ id, defenseFiles: filesIn(defense), testFiles: filesIn(tests) }];
  });
}

/** The ids in brackets at the end of the titles, or of any other string, in a source file. */
function idsIn(source: string): Set<string> {
  return new Set(
    [...source.matchAll(/\[(T-[A-Z]+-\d\d(?:, T-[A-Z]+-\d\d)*)\]['"`]/g)].flatMap(([, list = '']) =>
      list.split(', '),
    ),
  );
}

test('each threat in docs/threats.md has an id of its own, a defense, and at least one test file', () => {
  expect(threats.length).toBeGreaterThan(100);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  const links = threats.flatMap(({ defenseFiles, testFiles }) => [...defenseFiles, ...testFiles]);
  expect(links.filter((file) => file.startsWith('undefined'))).toEqual([]);
  expect(threats.filter(({ testFiles }) => testFiles.length === 0)).toEqual([]);
  expect(threats.filter(({ defenseFiles }) => defenseFiles.length === 0)).toEqual([]);
});

test('each test file that a threat lists has a test that carries its id', () => {
  const missing = threats.flatMap(({ id, testFiles }) =>
    testFiles.filter((file) => !idsByFile.get(file)?.has(id)).map((file) => `${id}: ${file}`),
  );
  expect(missing).toEqual([]);
});

test('each id that a test carries is a threat that lists the test file', () => {
  const unknown = [...idsByFile].flatMap(([file, carried]) =>
    [...carried]
      .filter((id) => !threats.some((threat) => threat.id === id && threat.testFiles.includes(file)))
      .map((id) => `${id}: ${file}`),
  );
  expect(unknown).toEqual([]);
});

test('each file of security and resilience tests carries the id of a threat', () => {
  // It attacks nothing: it shows that the attacked site works, so that a refusal proves something.
  const exempt = ['test/security/site.test.ts'];
  const files = globSync('test/{security,resilience}/**/*.test.ts', { cwd: workspace });
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter((file) => !exempt.includes(file) && !idsByFile.get(file)?.size)).toEqual([]);
});

test('docs/asvs.md cites only threats that exist', () => {
  const cited = read('docs/asvs.md').match(/\bT-[A-Z]+-\d\d\b/g) ?? [];
  expect(cited.length).toBeGreaterThan(20);
  expect(cited.filter((id) => !ids.includes(id))).toEqual([]);
});

describe('the parsers of documents and tests', () => {
  test('find the defense and the tests of a threat, by reference links', () => {
    const markdown = [
      '#### T-EXAMPLE-01 An example',
      '- **Gain:** a session ([not a defense]).',
      '- **Defense:** a check ([one.ts]) and [a decision](decisions/1.md).',
      '- **Open:** something.',
      '- **Tests:**',
      '  - [one.test.ts]: refuses it.',
      '  - [two.test.ts]: refuses it, too.',
      '',
      '#### T-EXAMPLE-02 Another',
      '- **Defense:** none.',
      '- **Tests:** [two.test.ts]: tries.',
      '',
      '[one.ts]: ../one.ts',
      '[one.test.ts]: ../test/one.test.ts',
    ].join('\n');
    expect(threatsOf(markdown)).toEqual([
      {
        id: 'T-EXAMPLE-01',
        defenseFiles: ['one.ts'],
        testFiles: ['test/one.test.ts', 'undefined: two.test.ts'],
      },
      { id: 'T-EXAMPLE-02', defenseFiles: [], testFiles: ['undefined: two.test.ts'] },
    ]);
  });

  test('find one id or several in a title, and none in a comment', () => {
    expect([...idsIn("test('is refused [T-EXAMPLE-01]', …")]).toEqual(['T-EXAMPLE-01']);
    expect([...idsIn('`%s [T-EXAMPLE-01, T-EXAMPLE-02]`')]).toEqual(['T-EXAMPLE-01', 'T-EXAMPLE-02']);
    expect([...idsIn('// see T-EXAMPLE-01, [T-EXAMPLE-02]')]).toEqual([]);
  });
});
