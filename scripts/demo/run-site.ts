/**
 * Runs the site in the foreground: until a signal, or until one of its processes fails. The one place of the
 * demo and of `pnpm dev` where faults are told and the exit status is set.
 */
import { type Site, type SiteOptions, startSite } from '../site/site.ts';
import { processNames } from '../site/site-settings.ts';

/**
 * @param prepare does what comes before the start and says what to start
 * @param introduce is called once everything is ready
 */
export async function runSite(prepare: () => SiteOptions, introduce: (site: Site) => void): Promise<void> {
  const { promise: signalled, resolve: signal } = Promise.withResolvers<null>();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => signal(null));
  try {
    const site = await startSite(prepare());
    introduce(site);
    const processes = processNames.map((name) => site[name]);
    const failures = processes.map(async (each) => `${await each.failure}; its log is ${each.logFile}`);
    const failure = await Promise.race([signalled, ...failures]);
    await site.stop();
    if (failure !== null) throw new Error(failure);
  } catch (error) {
    console.error(`${(error as Error).message}\ndocs/troubleshooting.md says what helps.`);
    process.exitCode = 1;
  }
}
