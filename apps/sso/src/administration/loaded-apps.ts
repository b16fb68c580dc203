/**
 * Compares the registry with what the running SSO service has loaded. It reads the registry only at start.
 */
import type { RegisteredApp } from '../registry.ts';
import type { LoadedRegistry } from '../storage/stores.ts';
import { second } from './table.ts';

export interface LoadedApps {
  /** Null where no running service is known. */
  isLoaded(app: RegisteredApp): boolean | null;
  /** What is wrong with an app, in words that follow its origin, or null. */
  faultOf(app: RegisteredApp): string | null;
  /** The origins that are loaded but no longer in the registry. */
  removed: readonly string[];
  /** Says when the service read its registry, and what to do. */
  remedy: string;
}

export function compareLoaded(registry: readonly RegisteredApp[], loaded: LoadedRegistry | null): LoadedApps {
  const byOrigin = new Map(loaded?.apps.map((app) => [app.origin, app]));
  const remedy = `the running SSO service read its registry at ${second(loaded?.loadedAt ?? 0)}: restart it`;
  const faultOf = (app: RegisteredApp) => {
    if (loaded === null) return null;
    const known = byOrigin.get(app.origin);
    if (known === undefined) return `is not known yet; ${remedy}`;
    if (known.server !== app.server) return `is still reached at ${known.server}; ${remedy}`;
    return known.name === app.name ? null : `is still called ${known.name}; ${remedy}`;
  };
  const origins = new Set(registry.map(({ origin }) => origin));
  return {
    faultOf,
    isLoaded: (app) => (loaded === null ? null : faultOf(app) === null),
    removed: [...byOrigin.keys()].filter((origin) => !origins.has(origin)),
    remedy,
  };
}
