/**
 * The site on this machine: SSO service, foo and lorem with their registry, accounts, and, over https,
 * certificates. The demo, `pnpm dev`, and the tests start it here.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonArray } from '../../packages/core/src/files/text-file.ts';
import { type Certificates, localCertificates } from './certificates.ts';
import { addDemoAccounts } from './demo-accounts.ts';
import { takenPorts } from './ports.ts';
import { SiteProcess } from './site-process.ts';
import {
  addressOf,
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
  siteName,
} from './site-settings.ts';

export type SiteOptions = {
  readonly scheme: Scheme;
  /** The absolute path of the folder for databases, keys, certificates and logs. */
  readonly folder: string;
  readonly ports?: Ports;
  /** Variables beyond the required ones, by process. */
  readonly environment?: Readonly<Partial<Record<ProcessName, Environment>>>;
  /** Restart processes when their sources change, and serve the page from its sources. */
  readonly watch?: boolean;
  /** Adds the demo's accounts, by default with the command line of the SSO service. */
  readonly addAccounts?: (database: string) => Promise<void>;
};

export type Site = Readonly<Record<ProcessName, SiteProcess>> & {
  /** Its servers' certificates and the authority that browsers must trust. Null over http. */
  readonly certificates: Certificates | null;
  stop(): Promise<void>;
};

/** Resolves once all three processes are ready. If one fails to start, stops the others and rejects. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const { scheme, folder, ports = demoPorts, addAccounts = addDemoAccounts } = options;
  await refuseTakenPorts(ports);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const certificates =
    scheme === 'https'
      ? await localCertificates(join(folder, 'certificates'), siteName, Object.values(hosts))
      : null;
  const settings: SiteSettings = { scheme, ports, folder, certificates };
  const registryFile = registryFileOf(settings);
  const before = existsSync(registryFile) ? readJsonArray(registryFile, 'a JSON array of apps').elements : [];
  writeFileSync(registryFile, `${JSON.stringify(registryOf(settings, before), null, 2)}\n`);
  await addAccounts(databaseOf(settings, 'sso'));

  const make = (name: ProcessName) => siteProcess(name, settings, options);
  const processes = { sso: make('sso'), foo: make('foo'), lorem: make('lorem') };
  const stop = async () => {
    const ends = await Promise.allSettled(Object.values(processes).map((each) => each.stop()));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  };
  try {
    await Promise.all(Object.values(processes).map((each) => each.start()));
  } catch (error) {
    await stop().catch(() => {}); // Report the first error.
    throw error;
  }
  return { ...processes, certificates, stop };
}

async function refuseTakenPorts(ports: Ports): Promise<void> {
  const taken = await takenPorts(Object.values(ports));
  if (taken.length === 0) return;
  const those = processNames
    .filter((name) => taken.includes(ports[name]))
    .map((name) => `${ports[name]} (${name})`);
  throw new Error(`Already in use: port ${those.join(', port ')}. Stop the other program first.`);
}

function siteProcess(
  name: ProcessName,
  settings: SiteSettings,
  { environment, watch }: SiteOptions,
): SiteProcess {
  const logFolder = join(settings.folder, 'log');
  const logFile = join(logFolder, `${name}.log`);
  mkdirSync(logFolder, { recursive: true });
  rmSync(logFile, { force: true });
  return new SiteProcess({
    name,
    origin: originOf(settings, name),
    address: addressOf(settings, name),
    authorityFile: settings.certificates?.authorityFile ?? null,
    logFile,
    command: commandOf(name, watch ?? false),
    environment: { ...environmentOf(settings, name), ...environment?.[name] },
  });
}

/** As in docker-compose.yml: "Running it" in docs/operations.md says why. */
const NODE_OPTIONS = ['--max-semi-space-size=32'];

function commandOf(name: ProcessName, watch: boolean): string[] {
  const options = [...NODE_OPTIONS, ...(watch ? ['--watch'] : [])];
  if (name === 'sso') return [...options, 'apps/sso/src/main.ts'];
  return [...options, watch ? 'apps/foo/server/dev.ts' : 'apps/foo/server/main.ts'];
}
