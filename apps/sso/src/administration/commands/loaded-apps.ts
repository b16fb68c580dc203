/** Compares the registry with what the running SSO service has loaded: it reads the registry only when it starts. */
import type { RegisteredApp } from '../../registry.ts';
import type { LoadedRegistry } from '../../storage/stores.ts';
import { second } from '../table.ts';

export interface LoadedApps {
  /** Null if no service is running. */
  isLoaded(app: RegisteredApp): boolean | null;
  /** How the loaded app differs, as a predicate of its origin; null if it doesn't. */
  differenceOf(app: RegisteredApp): string | null;
  /** The origins that are loaded but no longer in the registry. */
  removed: readonly string[];
  /** When the service read its registry, and what to do. */
  remedy: string;
}

export function compareLoaded(registry: readonly RegisteredApp[], loaded: LoadedRegistry | null): LoadedApps {
  const byOrigin = new Map(loaded?.apps.map((app) => [app.origin, app]));
  const remedy = `the running SSO service read its registry at ${second(loaded?.loadedAt ?? 0)}: restart it`;
  const differenceOf = (app: RegisteredApp) => {
    if (loaded === null) return null;
    const known = byOrigin.get(app.origin);
    if (known === undefined) return `isn't loaded yet; ${remedy}`;
    if (known.server !== app.server) return `is loaded with the server ${known.server}; ${remedy}`;
    return known.name === app.name ? null : `is loaded with the name ${known.name}; ${remedy}`;
  };
  const origins = new Set(registry.map(({ origin }) => origin));
  return {
    differenceOf,
    isLoaded: (app) => (loaded === null ? null : differenceOf(app) === null),
    removed: [...byOrigin.keys()].filter((origin) => !origins.has(origin)),
    remedy,
  };
}
