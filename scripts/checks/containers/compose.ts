/** Docker Compose, on projects of their own, so that no volume of a demo or a service is read or removed. */
import { spawnSync } from 'node:child_process';
import { workspace } from '../../node24.mjs';
import { DEMO_FILE } from './compose-rules.ts';

export const servers = ['sso', 'foo', 'lorem'] as const;

export interface Project {
  /** Runs a command of Compose, and shows what it says. */
  compose(...command: readonly string[]): void;
  /** Runs a command of Compose and returns what it prints, whatever it was given on standard input. */
  answerOf(command: readonly string[], input?: string | Buffer): string;
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
    if (error) throw new Error(`There is no container engine: ${error.message}`);
    if (status !== 0) throw new Error(`\`docker compose ${command.join(' ')}\` ended with status ${status}`);
    return stdout ?? '';
  };
  return {
    compose: (...command) => void run(command, null),
    answerOf: (command, input = '') => run(command, input),
  };
}

export const { compose, answerOf } = composeProject('samesite-sso-e2e', DEMO_FILE);
