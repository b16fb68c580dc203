/** Runs one of this app's programs for real, in a process of its own, and waits for its end. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** @param program a file under `apps/sso/src` */
export function spawnProgram(program: string, args: string[], environment: Record<string, string>) {
  const file = fileURLToPath(new URL(`../../../apps/sso/src/${program}`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { env: environment, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => {}); // It may end before it has read everything.
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    output.stderr += text;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (status) => resolve({ status, ...output })),
  );
  return { child, ended };
}

export async function runProgram(
  program: string,
  args: string[],
  environment: Record<string, string>,
  stdin: string | Buffer = '',
): Promise<Ended> {
  const { child, ended } = spawnProgram(program, args, environment);
  child.stdin.end(stdin);
  return await ended;
}
