/** What the figures depend on: the machine, and the versions of what was compared. */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { isPinning } from './cores.ts';
import { loadGenerator } from './load/load.ts';

const GIBIBYTE = 2 ** 30;

export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly system: string;
  readonly node: string;
  readonly loadGenerator: string;
  readonly isPinning: boolean;
  readonly versions: Readonly<Record<string, string>>;
};

export function describeMachine(): Machine {
  const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
  const { devDependencies } = manifest as { devDependencies: Record<string, string> };
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / GIBIBYTE),
    system: `${type()} ${release()}`,
    node: process.version,
    loadGenerator,
    isPinning,
    versions: Object.fromEntries(Object.entries(devDependencies).filter(([name]) => isCompared(name))),
  };
}

function isCompared(name: string): boolean {
  return !name.startsWith('@types/') && !['autocannon', 'jose', 'playwright-core'].includes(name);
}
