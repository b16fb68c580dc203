/** Runs one of the SSO service's programs in a process of its own, and waits until it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** @param program a file in `apps/sso/src` */
export function spawnProgram(program: string, args: string[], environment: Record<string, string>) {
  const file = fileURLToPath(new URL(`../../../apps/sso/src/${program}`, import.meta.url));
  const { NODE_COMPILE_CACHE = '' } = process.env;
  const child = spawn(process.execPath, [file, ...args], { env: { NODE_COMPILE_CACHE, ...environment } });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => {}); // It may end before it has read everything.
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text) => {
      output[name] += text;
    });
  }
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, ...output }));
  return { child, ended };
}

export async function runProgram(
  program: string,
  args: string[],
  environment: Record<string, string>,
  stdin: string | Buffer = '',
) {
  const { child, ended } = spawnProgram(program, args, environment);
  child.stdin.end(stdin);
  return await ended;
}
