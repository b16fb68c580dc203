/** Docker Compose, on a project of its own, so that the volumes of a demo are neither read nor removed. */
import { spawnSync } from 'node:child_process';
import { workspace } from '../../node24.mjs';

export const servers = ['sso', 'foo', 'lorem'] as const;

const project = 'samesite-sso-e2e';

/** Runs a command of Compose, and shows what it says. */
export function compose(...command: readonly string[]): void {
  run(command, null);
}

/** Runs a command of Compose and returns what it prints, whatever it was given on standard input. */
export function answerOf(command: readonly string[], input: string | Buffer = ''): string {
  return run(command, input);
}

function run(command: readonly string[], input: string | Buffer | null): string {
  const { status, stdout, error } = spawnSync('docker', ['compose', '--project-name', project, ...command], {
    cwd: workspace,
    stdio: input === null ? ['ignore', 'inherit', 'inherit'] : ['pipe', 'pipe', 'inherit'],
    input: input ?? '',
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  });
  if (error) throw new Error(`There is no container engine: ${error.message}`);
  if (status !== 0) throw new Error(`\`docker compose ${command.join(' ')}\` ended with status ${status}`);
  return stdout ?? '';
}
