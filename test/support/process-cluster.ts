/**
 * The site with several instances as real processes: two of the SSO service and two of foo, each pair behind
 * a load balancer and on a PostgreSQL database, and an app that the test controls. All processes end with the
 * test.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePort, freePorts } from '../../scripts/site/ports.ts';
import { SiteProcess } from '../../scripts/site/site-process.ts';
import {
  addressOf,
  type Environment,
  environmentOf,
  originOf,
  registryFileOf,
  registryOf,
  type SiteSettings,
  sealingKeyFileOf,
} from '../../scripts/site/site-settings.ts';
import { addDemoAccounts } from './accounts.ts';
import type { AtEnd } from './at-end.ts';
import { ADA, Browser, type Credentials, keepAliveAgent, type Party } from './browser.ts';
import { type RoundRobinBalancer, startBalancer } from './round-robin-balancer.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';
import { startTestApp } from './test-app.ts';

export type ClusterName = 'sso' | 'foo';

/** Its address is the load balancer's. */
export interface Service extends Party {
  readonly name: ClusterName;
  readonly instances: readonly [SiteProcess, SiteProcess];
  readonly balancer: RoundRobinBalancer;
}

export type RunningCluster = Awaited<ReturnType<typeof runningCluster>>;

interface Options {
  /** Their `postgres://` URLs. */
  databases: Record<ClusterName, string>;
  /** Variables beyond the defaults, by service and by the instance's index. */
  environment?: Partial<Record<ClusterName, (instance: number) => Environment>>;
  atEnd?: AtEnd;
}

export async function runningCluster({ databases, environment = {}, atEnd = onTestFinished }: Options) {
  const ipsum = await startTestApp({ atEnd });
  const folder = temporaryFolder(atEnd);
  const logFolder = join(folder, 'log');
  mkdirSync(logFolder);
  const ports = await freePorts();
  // The ports in it are the balancers'. Nothing listens at lorem's.
  const settings: SiteSettings = {
    scheme: 'http',
    ports,
    folder,
    databases: { ...databases, lorem: '' },
    certificates: null,
  };
  writeFileSync(sealingKeyFileOf(settings), randomBytes(32).toString('base64'), { mode: 0o600 });
  const { origin, server } = ipsum;
  const registry = registryOf(settings, [{ origin, name: 'Ipsum', server }]);
  writeFileSync(registryFileOf(settings), JSON.stringify(registry), { mode: 0o644 });
  await addDemoAccounts(databases.sso);

  const makeInstance = async (name: ClusterName, instance: number) => {
    const port = await freePort();
    return new SiteProcess({
      name,
      origin: originOf(settings, name),
      address: `http://127.0.0.1:${port}`,
      authorityFile: null,
      logFile: join(logFolder, `${name}-${instance}.log`),
      command: [name === 'sso' ? 'apps/sso/src/main.ts' : 'apps/foo/server/main.ts'],
      environment: {
        ...environmentOf(settings, name),
        ...(name === 'sso'
          ? { SSO_LISTEN: `127.0.0.1:${port}`, SSO_TRUSTED_PROXIES: '127.0.0.1' }
          : { APP_LISTEN: `127.0.0.1:${port}` }),
        ...environment[name]?.(instance),
      },
    });
  };
  const makeService = async (name: ClusterName): Promise<Service> => {
    const instances = [await makeInstance(name, 0), await makeInstance(name, 1)] as const;
    const instancePorts = instances.map(({ address }) => Number(new URL(address).port));
    const balancer = await startBalancer(ports[name], instancePorts, atEnd);
    atEnd(async () => {
      // The test itself may have ended some.
      for (const instance of instances) if (instance.pid !== null) await instance.end('SIGKILL');
    });
    return {
      name,
      origin: originOf(settings, name),
      address: addressOf(settings, name),
      instances,
      balancer,
    };
  };
  const [sso, foo] = [await makeService('sso'), await makeService('foo')];
  await Promise.all([...sso.instances, ...foo.instances].map((instance) => instance.start()));
  const services = { sso, foo };
  return {
    ...services,
    ipsum,
    databases,
    folder,
    /** A person, ada by default, at a browser without cookies. */
    person: (credentials: Credentials = ADA) => new Browser(services, credentials, keepAliveAgent),
  };
}
