/**
 * Starts another product as a process of its own, as its documentation says, and on the same core as ours. A
 * peer is a program in this folder: it gets its port in PORT, reports when it is ready, and exits when we do.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../scripts/site/ports.ts';
import { stopAfterComparison } from '../cleanup.ts';
import { newFolder } from '../data-folder.ts';

export type Peer = { readonly address: string; readonly port: number };

/** @param environment what the program reads besides PORT and FOLDER */
export async function startPeer(
  program: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Peer> {
  const port = Number(environment['PORT'] ?? (await freePort()));
  const child = fork(new URL(`${program}.ts`, import.meta.url), {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      PORT: String(port),
      FOLDER: newFolder(program),
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  stopAfterComparison(async () => {
    if (child.exitCode !== null || !child.kill()) return;
    await once(child, 'exit');
  });
  await waitUntilReady(program, child);
  return { port, address: `http://127.0.0.1:${port}` };
}

async function waitUntilReady(program: string, child: ChildProcess): Promise<void> {
  const ended = new AbortController();
  child.once('exit', (status) => ended.abort(new Error(`${program} ended with status ${status}`)));
  await once(child, 'message', { signal: ended.signal }).catch((error) => {
    throw ended.signal.aborted ? ended.signal.reason : error;
  });
}
