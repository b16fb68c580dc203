/**
 * Runs Docker Compose with project names of its own, so that it never touches the volumes of a real project.
 */
import { spawnSync } from 'node:child_process';
import { workspace } from '../../node24.mjs';
import { DEMO_FILE } from './compose-rules.ts';

export const servers = ['sso', 'foo', 'lorem', 'lab'] as const;

export interface Project {
  /** Runs a Compose command and shows its output. */
  compose(...command: readonly string[]): void;
  /** Runs a Compose command with the input on standard input, and returns its output. */
  outputOf(command: readonly string[], input?: string | Buffer): string;
}

export function composeProject(
  name: string,
  file: string,
  environment: Readonly<Record<string, string>> = {},
): Project {
  const run = (command: readonly string[], input: string | Buffer | null): string => {
    const { status, stdout, error } = spawnSync(
      'docker',
      ['compose', '--project-name', name, '--file', file, ...command],
      {
        cwd: workspace,
        env: { ...process.env, ...environment },
        stdio: input === null ? ['ignore', 'inherit', 'inherit'] : ['pipe', 'pipe', 'inherit'],
        input: input ?? '',
        encoding: 'utf8',
        maxBuffer: 2 ** 24,
      },
    );
    if (error) throw new Error(`Docker can't be started: ${error.message}`);
    if (status !== 0) throw new Error(`\`docker compose ${command.join(' ')}\` ended with status ${status}`);
    return stdout ?? '';
  };
  return {
    compose: (...command) => void run(command, null),
    outputOf: (command, input = '') => run(command, input),
  };
}

export const { compose, outputOf } = composeProject('samesite-sso-e2e', DEMO_FILE);
