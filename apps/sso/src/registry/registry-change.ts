/** Compares two states of the registry. */
import type { AppRequirement } from '../storage/stores.ts';
import type { RegisteredApp } from './read-registry.ts';

type Apps = ReadonlyMap<string, RegisteredApp>;

export interface RegistryChange {
  added: readonly RegisteredApp[];
  /** The new version of each entry that kept its origin and changed in another member. */
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

/** Whether both require the same of a session. An instance of an older version records no requirement. */
export function isSameRequirement(
  app: AppRequirement,
  { groups = null, secondFactor = false }: Partial<AppRequirement>,
): boolean {
  return isSame(app.groups, groups) && app.secondFactor === secondFactor;
}

function isChanged(before: RegisteredApp | undefined, after: RegisteredApp): boolean {
  if (before === undefined) return false;
  return before.name !== after.name || before.server !== after.server || !isSameRequirement(before, after);
}

function changedMembers({ origin, ...members }: RegisteredApp, before: RegisteredApp | undefined): object {
  const changed = Object.entries(members).filter(([name, value]) => !isSame(Object(before)[name], value));
  return { origin, ...Object.fromEntries(changed) };
}

/** Compares members. Groups are arrays, sorted when they were read. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
