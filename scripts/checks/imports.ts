/**
 * `pnpm diagram` draws the diagrams of docs/architecture.md from the imports in the sources. `pnpm
 * check:imports` says whether they are up to date, and whether each import may be there
 * (.dependency-cruiser.mjs).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, format, type ICruiseResult } from 'dependency-cruiser';
import configuration from '../../.dependency-cruiser.mjs';
import { workspace } from '../node24.mjs';

const DOCUMENT = join(workspace, 'docs/architecture.md');
const NOT_PRODUCT = '(^|/)(dist|node_modules)/|[.](test|fixture|test-suite)[.]|/contract/|[.]config[.]ts$';

/** By the heading above each diagram: which sources it shows, and which folders become one box. */
const DIAGRAMS = {
  'Packages and apps': { shown: '^(apps|packages)/', box: '^(packages/[^/]+|apps/[^/]+/[^/]+)/' },
  'Modules of the SSO service': { shown: '^apps/sso/src/[^/]+/', box: '^apps/sso/src/[^/]+/' },
} as const;

const isCheck = process.argv.includes('--check');
const { output } = await cruise(['packages', 'apps', 'scripts'], {
  ...configuration.options,
  ruleSet: configuration,
  validate: true,
});
const imports = output as ICruiseResult;
if (isCheck) {
  const report = await format(imports, { outputType: 'err' });
  console.log(report.output);
  process.exitCode = report.exitCode;
}

const before = readFileSync(DOCUMENT, 'utf8');
let after = before;
for (const [heading, { shown, box }] of Object.entries(DIAGRAMS)) {
  const collapsed = await format(imports, {
    outputType: 'json',
    exclude: { path: NOT_PRODUCT },
    includeOnly: { path: shown },
    collapse: box,
  });
  const { modules } = JSON.parse(String(collapsed.output)) as ICruiseResult;
  const section = new RegExp(`(^## ${heading}\n[^]*?\`\`\`mermaid\n)[^]*?(?=\`\`\`)`, 'm');
  after = after.replace(section, (_match, start) => start + toMermaid(modules));
}
if (!isCheck) {
  writeFileSync(DOCUMENT, after);
} else if (after !== before) {
  console.error('The diagrams of docs/architecture.md are out of date: run `pnpm diagram`.');
  process.exitCode = 1;
}

function toMermaid(modules: ICruiseResult['modules']): string {
  const arrows = modules.flatMap(({ source, dependencies }) =>
    dependencies
      .filter(({ resolved }) => resolved !== source)
      .map(({ resolved }) => `${box(source)} --> ${box(resolved)}`),
  );
  return `flowchart TD\n${arrows
    .sort()
    .map((arrow) => `  ${arrow}\n`)
    .join('')}`;
}

/** A Mermaid id can't contain every character of a path; `end` is a keyword. */
function box(path: string): string {
  const name = path.replace(/^apps\/sso\/src\/(?=.)/, '').replace(/\/$/, '');
  return `${name.replaceAll(/\W/g, '_')}["${name}"]`;
}
