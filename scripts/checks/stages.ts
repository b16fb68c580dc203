/**
 * What is checked, in order: the one list behind `npm test`, `pnpm check`, `pnpm resilience` and `pnpm e2e`. A stage is one
 * command on Node 24, or several; run-stages.ts runs them, and each without tests of its own counts as one
 * check.
 */
import { join } from 'node:path';
import { workspace } from '../node24.mjs';
import { type Count, countPlaywright, countVitest } from './counts.ts';

export type Stage = {
  readonly name: string;
  /** What Node is called with, one after another. */
  readonly commands: readonly (readonly string[])[];
  readonly folder?: string;
  /** Where the command leaves its report, and how that is read. */
  readonly report?: { readonly file: string; readonly count: (report: string) => Count };
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it needs a browser. */
  readonly browser?: true;
  /** Whether it is told in Firefox, and left out where there is none. */
  readonly firefox?: true;
};

const biome = tool('@biomejs/biome/bin/biome');
const tsc = tool('typescript/bin/tsc');
const vitest = tool('vitest/vitest.mjs');
const playwright = tool('@playwright/test/cli.js');
const knip = tool('knip/bin/knip.js');

const format: Stage = { name: 'format', commands: [[biome, 'format']] };
const lint: Stage = {
  name: 'lint',
  commands: [[biome, 'check', '--formatter-enabled=false', '--error-on-warnings']],
};
const types: Stage = {
  name: 'types',
  commands: ['tsconfig.node.json', 'tsconfig.page.json', 'e2e'].map((project) => [tsc, '--project', project]),
};
const supplyChain: Stage = {
  name: 'supply chain',
  commands: [[knip], ['scripts/checks/supply-chain/check.ts']],
};
const page: Stage = { name: 'page', commands: [['scripts/build/page-build.ts']] };
const sizes: Stage = { name: 'sizes', commands: [['scripts/checks/check-sizes.ts']] };

const checks = [
  format,
  lint,
  types,
  supplyChain,
  tests('unit'),
  tests('integration'),
  tests('security'),
  page,
  sizes,
];
const resilience = tests('resilience');
const inFirefox: Stage = { ...tests('firefox'), name: 'e2e in Firefox', firefox: true };
const stories = [storiesOver('http'), storiesOver('https'), inFirefox];

export const suites = {
  check: checks,
  e2e: [page, ...stories],
  resilience: [page, resilience],
  test: [...checks, resilience, ...stories],
} as const satisfies Record<string, readonly Stage[]>;

function tests(project: 'unit' | 'integration' | 'security' | 'resilience' | 'firefox'): Stage {
  const file = reportFile(project);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  return {
    name: project,
    commands: [[vitest, 'run', '--project', project, '--allowOnly=false', ...reporters]],
    report: { file, count: countVitest },
    // The example's page is opened for real, and so is an attacker's.
    ...((project === 'integration' || project === 'security') && { browser: true as const }),
  };
}

function storiesOver(project: 'http' | 'https'): Stage {
  const file = reportFile(`e2e-${project}`);
  return {
    name: `e2e over ${project}`,
    commands: [[playwright, 'test', `--project=${project}`, '--forbid-only', '--reporter=list,json']],
    folder: 'e2e',
    report: { file, count: countPlaywright },
    environment: { PLAYWRIGHT_JSON_OUTPUT_FILE: file },
    browser: true,
  };
}

function tool(path: string): string {
  return join(workspace, 'node_modules', path);
}

function reportFile(name: string): string {
  return join(workspace, 'node_modules/.reports', `${name}.json`);
}
