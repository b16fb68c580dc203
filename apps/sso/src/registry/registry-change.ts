/** Compares two states of the registry. */
import type { RegisteredApp } from './read-registry.ts';

type Apps = ReadonlyMap<string, RegisteredApp>;

export interface RegistryChange {
  added: readonly RegisteredApp[];
  /** Entries with the same origin as before and another name or server: the new ones. */
  changed: readonly RegisteredApp[];
  removed: readonly RegisteredApp[];
}

/** @returns null if both have the same apps, in any order */
export function findChange(before: Apps, after: Apps): RegistryChange | null {
  const change: RegistryChange = {
    added: [...after.values()].filter(({ origin }) => !before.has(origin)),
    changed: [...after.values()].filter((app) => isChanged(before.get(app.origin), app)),
    removed: [...before.values()].filter(({ origin }) => !after.has(origin)),
  };
  return Object.values(change).some(({ length }) => length > 0) ? change : null;
}

/** A change for the log: what was added and removed, and the new values of changed members. */
export function describeChange({ added, changed, removed }: RegistryChange, before: Apps): object {
  return {
    ...(added.length > 0 && { added: added.map(({ origin }) => origin) }),
    ...(changed.length > 0 && { changed: changed.map((app) => changedMembers(app, before.get(app.origin))) }),
    ...(removed.length > 0 && { removed: removed.map(({ origin }) => origin) }),
  };
}

function isChanged(before: RegisteredApp | undefined, after: RegisteredApp): boolean {
  return before !== undefined && (before.name !== after.name || before.server !== after.server);
}

function changedMembers({ origin, ...members }: RegisteredApp, before: RegisteredApp | undefined): object {
  const changed = Object.entries(members).filter(([name, value]) => Object(before)[name] !== value);
  return { origin, ...Object.fromEntries(changed) };
}
