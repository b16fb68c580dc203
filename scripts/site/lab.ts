/**
 * The lab (apps/lab) beside a site: its server, and the reporters that the site's processes preload to report
 * their messages to it. It is demo equipment, so a failure of the lab never stops the site.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { APP_PATHS } from '../../packages/protocol/src/wire-constants.ts';
import { takenPorts } from './ports.ts';
import type { SiteProcess } from './site-process.ts';
import {
  addressOf,
  type Environment,
  originOf,
  type ProcessName,
  processNames,
  type SiteSettings,
  siteName,
  tlsOf,
} from './site-settings.ts';

/** To browsers, a request between this site and the demo's is cross-site. */
export const otherSiteName = 'elsewhere.localhost';

/** One server at one port answers for all three hosts. */
export const labHosts = {
  page: `lab.${siteName}`,
  sameSiteTarget: `target.${siteName}`,
  crossSiteTarget: `target.${otherSiteName}`,
} as const;

/** Node's options for a process that reports to the lab. */
export const REPORTER_OPTIONS = ['--import', './apps/lab/reporter/main.ts'];

export function labOriginOf({ scheme, ports }: SiteSettings, host: keyof typeof labHosts = 'page'): string {
  return `${scheme}://${labHosts[host]}:${ports.lab}`;
}

export function labEnvironmentOf(settings: SiteSettings): Environment {
  return {
    ...tlsOf(settings),
    LAB_ORIGIN: labOriginOf(settings),
    LAB_SAME_SITE_ORIGIN: labOriginOf(settings, 'sameSiteTarget'),
    LAB_CROSS_SITE_ORIGIN: labOriginOf(settings, 'crossSiteTarget'),
    LAB_LISTEN: `127.0.0.1:${settings.ports.lab}`,
    LAB_REPORT_FILE: reportFileOf(settings),
    LAB_REPORT_URL: `${addressOf(settings, 'lab')}/reports`,
    LAB_SSO_ORIGIN: originOf(settings, 'sso'),
    LAB_FOO_ORIGIN: originOf(settings, 'foo'),
    LAB_LOREM_ORIGIN: originOf(settings, 'lorem'),
  };
}

/** The variables of a process that reports to the lab. The apps link to it. */
export function reporterEnvironmentOf(settings: SiteSettings, name: ProcessName): Environment {
  const link = { APP_LINK_NAME: 'Watch every request in the lab', APP_LINK_ORIGIN: labOriginOf(settings) };
  return {
    LAB_PROCESS: name,
    LAB_REPORT_FILE: reportFileOf(settings),
    LAB_KEY_SETS: processNames
      .map((each) => `${originOf(settings, each)}=${addressOf(settings, each)}${APP_PATHS.keys}`)
      .join(' '),
    ...(name === 'sso' ? {} : link),
  };
}

/** Whether the lab's port is free. Prints a warning if it isn't. */
export async function isLabPortFree({ ports }: SiteSettings): Promise<boolean> {
  const isFree = (await takenPorts([ports.lab])).length === 0;
  if (!isFree) warn(`port ${ports.lab} is already in use`);
  return isFree;
}

/**
 * Starts the lab. Prints a warning if it fails, now or later.
 *
 * @returns whether it is ready
 */
export async function startLab(lab: SiteProcess, settings: SiteSettings): Promise<boolean> {
  removeReportFile(settings); // An earlier lab may have left it.
  try {
    await lab.start();
  } catch (error) {
    removeReportFile(settings);
    if (lab.pid === null) return false; // It was stopped with the site.
    warn(`${(error as Error).message}; its log is ${lab.logFile}`);
    await lab.stop().catch(() => {}); // Its failure is reported already.
    return false;
  }
  void lab.failure.then((reason) => {
    removeReportFile(settings);
    warn(`${reason}; its log is ${lab.logFile}`);
  });
  return true;
}

/** Reporters must send nothing to the address of a lab that ended: the port may be another program's now. */
function removeReportFile(settings: SiteSettings): void {
  rmSync(reportFileOf(settings), { force: true });
}

function reportFileOf({ folder }: SiteSettings): string {
  return join(folder, 'lab-reports.json');
}

function warn(reason: string): void {
  console.error(`The lab isn't running: ${reason}. Everything else works without it.`);
}
