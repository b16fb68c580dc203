/** Holds a server's process for a while: what is sent to it meanwhile is answered afterwards. */
import type { SiteProcess } from '../scripts/site/site-process.ts';

/** @returns what happened meanwhile */
export async function paused<Result>(server: SiteProcess, meanwhile: () => Promise<Result>): Promise<Result> {
  const { pid } = JSON.parse(server.log().at(-1) ?? '') as { pid: number };
  process.kill(pid, 'SIGSTOP');
  try {
    return await meanwhile();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}
