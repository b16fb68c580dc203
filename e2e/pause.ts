/** Holds a server's process for a while: what is sent to it meanwhile is answered afterwards. */
import type { SiteProcess } from '../scripts/site/site-process.ts';

export async function paused(server: SiteProcess, meanwhile: () => Promise<void>): Promise<void> {
  const { pid } = JSON.parse(server.log().at(-1) ?? '') as { pid: number };
  process.kill(pid, 'SIGSTOP');
  try {
    await meanwhile();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}
