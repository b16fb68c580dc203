/** Processes that use the same keys at the same time. Each runs `key-process.fixture.ts`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const SCRIPT = fileURLToPath(new URL('./key-process.fixture.ts', import.meta.url));

/**
 * A process that is ready to act and waits for `go`.
 *
 * @param place a key file, or the URL of a database and the file of its sealing keys
 */
export async function readyProcess(action: string, place: string | string[], ...nodeOptions: string[]) {
  const child: ChildProcess = spawn(process.execPath, [...nodeOptions, SCRIPT, action, ...[place].flat()]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let [output, errors] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'close').then(([, signal]) => ({ signal, said: output.replace('ready\n', '') }));
  /** Waits until the process has printed this. */
  const says = (word: string) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        if (output.includes(word)) resolve();
      };
      child.stdout?.on('data', check);
      child.once('close', () => reject(new Error(`it ended without ${word}: ${output}${errors}`)));
      check();
    });
  await says('ready\n');
  return { child, says, ended, go: () => void child.stdin?.end('go\n') };
}

/** Lets ten processes act at the same time. @returns what each printed */
export async function tenAtOnce(action: string, place: string | string[]): Promise<string[]> {
  const processes = await Promise.all(Array.from({ length: 10 }, () => readyProcess(action, place)));
  for (const { go } of processes) go();
  const ends = await Promise.all(processes.map(({ ended }) => ended));
  return ends.map(({ said }) => said.trim());
}
