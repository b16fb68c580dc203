/**
 * Runs Docker Compose with project names of its own, so that it never touches the volumes of a real project.
 */
import { spawnSync } from 'node:child_process';
import { workspace } from '../../node24.mjs';
import { DEMO_FILE, SCALE_FILE } from './compose-rules.ts';

export interface Project {
  /** Runs a Compose command and shows its output. */
  compose(...command: readonly string[]): void;
  /** Runs a Compose command with the input on standard input, and returns its output. */
  outputOf(command: readonly string[], input?: string | Buffer): string;
  /** The id of a service's container. */
  idOf(service: string): string;
  /**
   * Waits for the end of a service's container. It may have ended already, which `compose wait` can't handle.
   *
   * @throws {Error} unless it ended with status 0
   */
  awaitEnd(service: string): void;
}

export function composeProject(
  name: string,
  files: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Project {
  const options = ['--project-name', name, ...files.flatMap((file) => ['--file', file])];
  const run = (command: readonly string[], input: string | Buffer | null) =>
    docker(['compose', ...options, ...command], input, environment);
  const idOf = (service: string) => run(['ps', '--all', '--quiet', service], '').trim();
  return {
    compose: (...command) => void run(command, null),
    outputOf: (command, input = '') => run(command, input),
    idOf,
    awaitEnd: (service) => {
      const status = docker(['wait', idOf(service)]).trim();
      if (status !== '0') throw new Error(`${service} ended with status ${status}`);
    },
  };
}

/**
 * Runs Docker, and returns its output.
 *
 * @param input on standard input; null to show the output instead of returning it
 * @throws {Error} unless it ends with status 0
 */
export function docker(
  command: readonly string[],
  input: string | Buffer | null = '',
  environment: Readonly<Record<string, string>> = {},
): string {
  const { status, stdout, error } = spawnSync('docker', command, {
    cwd: workspace,
    env: { ...process.env, ...environment },
    stdio: input === null ? ['ignore', 'inherit', 'inherit'] : ['pipe', 'pipe', 'inherit'],
    input: input ?? '',
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
  });
  if (error) throw new Error(`Docker can't be started: ${error.message}`);
  if (status !== 0) throw new Error(`\`docker ${command.join(' ')}\` ended with status ${status}`);
  return stdout ?? '';
}

export const demo = composeProject('samesite-sso-e2e', [DEMO_FILE]);

export const scaled = composeProject('samesite-sso-scale-e2e', [DEMO_FILE, SCALE_FILE]);
