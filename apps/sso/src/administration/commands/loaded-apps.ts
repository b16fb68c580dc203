/** Compares the registry file with what the running instances of the SSO service have loaded. */
import type { RegisteredApp } from '../../registry/read-registry.ts';
import { isSameRequirement } from '../../registry/registry-change.ts';
import { INSTANCE_TIMEOUT_MS } from '../../registry/registry-record.ts';
import type { LoadedRegistry, Stores } from '../../storage/stores.ts';
import { formatSecond } from '../table.ts';
import type { Finding } from './app-check.ts';

/** The registries of all running instances. Empty if none is running. */
export type LoadedRegistries = readonly LoadedRegistry[];

export async function findLoaded({ registry }: Stores): Promise<LoadedRegistries> {
  return await registry.find(Date.now() - INSTANCE_TIMEOUT_MS);
}

/** Whether every running instance has loaded the app as it is in the file. Null if none is running. */
export function isLoaded(app: RegisteredApp, loaded: LoadedRegistries): boolean | null {
  return loaded.length === 0 ? null : differencesOf(app, loaded).length === 0;
}

/** How an app differs from what was loaded, once per instance that differs: predicates of its origin. */
export function differencesOf(app: RegisteredApp, loaded: LoadedRegistries): string[] {
  return loaded.flatMap((registry) => {
    const difference = describeDifference(
      app,
      registry.apps.find(({ origin }) => origin === app.origin),
    );
    return difference === null ? [] : [`${difference}; ${describeLoading(registry, loaded)}`];
  });
}

export function loadedFindings(app: RegisteredApp, loaded: LoadedRegistries): Finding[] {
  if (loaded.length === 0) return [];
  const differences = differencesOf(app, loaded);
  if (differences.length > 0) {
    return differences.map((message) => ({ check: 'loaded', passed: false, message }));
  }
  const instances =
    loaded.length === 1 ? 'the running SSO service' : `all ${loaded.length} running instances`;
  return [{ check: 'loaded', passed: true, message: `is loaded by ${instances}` }];
}

/** One warning per instance and app that the instance still accepts, but that isn't in the file. */
export function warnOfRemoved(apps: readonly RegisteredApp[], loaded: LoadedRegistries): string[] {
  return loaded.flatMap((registry) =>
    registry.apps
      .filter(({ origin }) => !apps.some((app) => app.origin === origin))
      .map(({ origin }) => {
        return `${origin} is loaded but no longer in the registry; ${describeLoading(registry, loaded)}`;
      }),
  );
}

function describeDifference(app: RegisteredApp, known: LoadedRegistry['apps'][number] | undefined) {
  if (known === undefined) return "isn't loaded";
  const { server, name, groups, secondFactor } = known;
  if (server !== app.server) return `is loaded with the server ${server}`;
  if (!isSameRequirement(app, { ...known, secondFactor: app.secondFactor })) {
    return groups ? `is loaded with the groups ${groups.join(', ')}` : 'is loaded without groups';
  }
  if (!isSameRequirement(app, known)) {
    return `is loaded as ${secondFactor ? '' : 'not '}requiring a second factor`;
  }
  return name === app.name ? null : `is loaded with the name ${name}`;
}

/** The service reads a changed file within a second. If it hasn't, its log says why. */
function describeLoading({ instance, loadedAt }: LoadedRegistry, loaded: LoadedRegistries): string {
  const service = loaded.length === 1 ? 'the running SSO service' : `the SSO service ${instance}`;
  return `${service} read its registry at ${formatSecond(loadedAt)}: see its log`;
}
