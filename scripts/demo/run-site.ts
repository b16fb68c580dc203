/**
 * Runs the site in the foreground until a signal arrives or a process other than the lab fails. `npm start`
 * and `pnpm dev` both end up here: this is where errors are printed and the exit status is set.
 */
import { type Site, type SiteOptions, startSite } from '../site/site.ts';
import { processNames } from '../site/site-settings.ts';

const ORPHAN_CHECK_INTERVAL_MS = 500;

/**
 * @param prepare does what comes before the start and returns what to start
 * @param onReady is called once every process is ready
 */
export async function runSite(prepare: () => SiteOptions, onReady: (site: Site) => void): Promise<void> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<null>();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop(null));
  if (process.env['npm_lifecycle_event']) whenOrphaned(() => stop(null));
  try {
    const site = await startSite(prepare());
    onReady(site);
    const processes = processNames.map((name) => site[name]);
    const failures = processes.map(async (each) => `${await each.failure}; its log is ${each.logFile}`);
    const failure = await Promise.race([stopped, ...failures]);
    await site.stop();
    if (failure !== null) throw new Error(failure);
  } catch (error) {
    console.error(`${(error as Error).message}\nFor help, see docs/troubleshooting.md.`);
    process.exitCode = 1;
  }
}

/** A SIGTERM to npm ends the shell between npm and its script, which doesn't pass the signal on. */
function whenOrphaned(act: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, ORPHAN_CHECK_INTERVAL_MS);
  timer.unref();
}
