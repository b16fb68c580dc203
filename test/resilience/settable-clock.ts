/** Sets the wall clock of a process that runs with `false-clock.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { SiteProcess } from '../../scripts/site/site-process.ts';
import type { Environment } from '../../scripts/site/site-settings.ts';

const PRELOAD = new URL('false-clock.ts', import.meta.url).href;

/**
 * The variables of a process whose clock can be set, and is right at first.
 *
 * @param file tells the process what its clock shows
 */
export function withSettableClock(file: string): Environment {
  writeFileSync(file, '0');
  return { FALSE_CLOCK: file, NODE_OPTIONS: `--import=${PRELOAD}` };
}

/** @param seconds from the true time */
export async function setClock({ pid }: SiteProcess, file: string, seconds: number): Promise<void> {
  const milliseconds = String(seconds * 1000);
  writeFileSync(file, milliseconds);
  process.kill(pid ?? Number.NaN, 'SIGUSR2');
  await expect.poll(() => readFileSync(`${file}.seen`, 'utf8')).toBe(milliseconds);
}
