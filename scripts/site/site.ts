/**
 * The site on this machine: SSO service, foo and lorem with their registry, accounts, certificates over
 * https, and, with `hasLab`, the lab. The demo, `pnpm dev`, and the tests start it here.
 */
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonArray } from '../../packages/core/src/files/text-file.ts';
import { createSealingKey } from '../containers/demo-secrets.ts';
import { type Certificates, localCertificates } from './certificates.ts';
import { addDemoAccounts } from './demo-accounts.ts';
import {
  isLabPortFree,
  labEnvironmentOf,
  labHosts,
  labOriginOf,
  otherSiteName,
  REPORTER_OPTIONS,
  reporterEnvironmentOf,
  startLab,
} from './lab.ts';
import { takenPorts } from './ports.ts';
import { SiteProcess } from './site-process.ts';
import {
  addressOf,
  type Databases,
  databaseOf,
  demoPorts,
  type Environment,
  environmentOf,
  hosts,
  originOf,
  type Ports,
  type ProcessName,
  processNames,
  registryFileOf,
  registryOf,
  type Scheme,
  type SiteSettings,
  sealingKeyFileOf,
  siteName,
} from './site-settings.ts';

export type SiteOptions = {
  readonly scheme: Scheme;
  /** The absolute path of the folder for databases, keys, certificates and logs. */
  readonly folder: string;
  readonly ports?: Ports;
  /** PostgreSQL databases to use in place of files in the folder. */
  readonly databases?: Databases | undefined;
  /** Variables beyond the required ones, by process. */
  readonly environment?: Readonly<Partial<Record<ProcessName | 'lab', Environment>>>;
  /** Restart processes when their sources change, and serve the page from its sources. */
  readonly watch?: boolean;
  /** Starts the lab, to which the other processes report their messages. */
  readonly hasLab?: boolean;
  /** Adds the demo's accounts, by default with the command line of the SSO service. */
  readonly addAccounts?: (database: string) => Promise<void>;
};

export type Site = Readonly<Record<ProcessName, SiteProcess>> & {
  /** Its servers' certificates and the authority that browsers must trust. Null over http. */
  readonly certificates: Certificates | null;
  /** Null without `hasLab`, or if the lab couldn't be started. */
  readonly lab: SiteProcess | null;
  stop(): Promise<void>;
};

/**
 * Resolves once all processes are ready. If the SSO service or an app fails to start, stops the others and
 * rejects. If the lab fails to start, prints why.
 */
export async function startSite(options: SiteOptions): Promise<Site> {
  const { scheme, folder, ports = demoPorts, databases } = options;
  const { addAccounts = addDemoAccounts, hasLab = false } = options;
  await refuseTakenPorts(ports);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const certificates = scheme === 'https' ? await certificatesIn(join(folder, 'certificates'), hasLab) : null;
  const settings: SiteSettings = { scheme, ports, folder, databases, certificates };
  const registryFile = registryFileOf(settings);
  const before = existsSync(registryFile) ? readJsonArray(registryFile, 'a JSON array of apps').elements : [];
  writeFileSync(registryFile, `${JSON.stringify(registryOf(settings, before), null, 2)}\n`);
  chmodSync(registryFile, 0o644); // The SSO service refuses a registry that others can write.
  createSealingKey(sealingKeyFileOf(settings));
  await addAccounts(databaseOf(settings, 'sso'));

  const isLabWanted = hasLab && (await isLabPortFree(settings));
  const make = (name: ProcessName) => siteProcess(name, settings, options, isLabWanted);
  const processes = { sso: make('sso'), foo: make('foo'), lorem: make('lorem') };
  const lab = isLabWanted ? labProcess(settings, options) : null;
  const stop = async () => {
    const all = [...Object.values(processes), ...(lab === null ? [] : [lab])];
    const ends = await Promise.allSettled(all.map((each) => each.stop()));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  };
  try {
    const isLabReady = lab !== null && startLab(lab, settings);
    await Promise.all(Object.values(processes).map((each) => each.start()));
    return { ...processes, lab: (await isLabReady) ? lab : null, certificates, stop };
  } catch (error) {
    await stop().catch(() => {}); // Report the first error.
    throw error;
  }
}

function certificatesIn(folder: string, hasLab: boolean): Promise<Certificates> {
  const own = Object.values(hosts);
  if (!hasLab) return localCertificates(folder, [siteName], own);
  return localCertificates(folder, [siteName, otherSiteName], [...own, ...Object.values(labHosts)]);
}

async function refuseTakenPorts(ports: Ports): Promise<void> {
  const taken = await takenPorts(processNames.map((name) => ports[name]));
  if (taken.length === 0) return;
  const those = processNames
    .filter((name) => taken.includes(ports[name]))
    .map((name) => `${ports[name]} (${name})`);
  throw new Error(`Already in use: port ${those.join(', port ')}. Stop the other program first.`);
}

function siteProcess(
  name: ProcessName,
  settings: SiteSettings,
  { environment, watch = false }: SiteOptions,
  isReporting: boolean,
): SiteProcess {
  const program = name === 'sso' ? 'apps/sso/src/main.ts' : `apps/foo/server/${watch ? 'dev' : 'main'}.ts`;
  return new SiteProcess({
    ...placesOf(name, settings),
    origin: originOf(settings, name),
    command: [
      ...NODE_OPTIONS,
      ...(isReporting ? REPORTER_OPTIONS : []),
      ...(watch ? ['--watch'] : []),
      program,
    ],
    environment: {
      ...environmentOf(settings, name),
      ...(isReporting ? reporterEnvironmentOf(settings, name) : {}),
      ...environment?.[name],
    },
  });
}

function labProcess(settings: SiteSettings, { environment, watch = false }: SiteOptions): SiteProcess {
  return new SiteProcess({
    ...placesOf('lab', settings),
    origin: labOriginOf(settings),
    command: watch ? ['--watch', 'apps/lab/server/dev.ts'] : ['apps/lab/server/main.ts'],
    environment: { ...labEnvironmentOf(settings), ...environment?.['lab'] },
  });
}

function placesOf(name: ProcessName | 'lab', settings: SiteSettings) {
  const logFolder = join(settings.folder, 'log');
  const logFile = join(logFolder, `${name}.log`);
  mkdirSync(logFolder, { recursive: true });
  rmSync(logFile, { force: true });
  const authorityFile = settings.certificates?.authorityFile ?? null;
  return { name, address: addressOf(settings, name), authorityFile, logFile };
}

/** As in docker-compose.yml: "Running it" in docs/operations.md says why. */
export const NODE_OPTIONS = ['--max-semi-space-size=32'];
