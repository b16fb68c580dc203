/**
 * What is asked of every package that is installed, each rule by itself: it gives back whatever breaks it, in
 * words. check.ts holds the workspace to them; it reaches no network.
 */
import type { Installed } from './installed.ts';
import { allPackages, type LockFile, type Manifests } from './workspace.ts';

/** May be run, changed and handed on by whoever installs ours, and ask for no more than to be named. */
const runtimeLicences = ['MIT', 'ISC', 'BSD-3-Clause', 'BlueOak-1.0.0'];
/** Tools are not handed on, so that a licence that asks for more, for a patent or for its own files, will do. */
const toolLicences = [...runtimeLicences, 'Apache-2.0', '0BSD', 'BSD-2-Clause', 'MPL-2.0'];

const exactVersion = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
const installScripts = ['preinstall', 'install', 'postinstall'];

/** A range would let the next installation without a lock file bring something that nobody has looked at. */
export function findRanges(manifests: Manifests): string[] {
  return Object.entries(manifests).flatMap(([folder, manifest]) =>
    Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    })
      .filter(([, version]) => version !== 'workspace:*' && !exactVersion.test(version))
      .map(([name, version]) => `${folder} wants ${name} ${version}, which is no exact version`),
  );
}

/** A hash and nothing beside it: no address, so that the registry is the installer's own, no repository, no folder. */
export function findUnhashed(lock: LockFile): string[] {
  return Object.entries(lock.packages)
    .filter(([, { resolution }]) => {
      const { integrity, ...others } = resolution;
      return !String(integrity).startsWith('sha512-') || Object.keys(others).length > 0;
    })
    .map(([name]) => `${name} is not locked by its hash in the registry`);
}

export function findDeprecated(lock: LockFile): string[] {
  return Object.entries(lock.packages)
    .filter(([, { deprecated }]) => deprecated !== undefined)
    .map(([name, { deprecated }]) => `${name} is deprecated: ${deprecated}`);
}

/** Packages that would run something when they are installed, and are not allowed to; and those that no longer need to be. */
export function findInstallScripts(
  installed: ReadonlyMap<string, Installed>,
  allowed: readonly string[],
): string[] {
  const building = [...installed]
    .filter(([, manifest]) => runsAtInstallation(manifest))
    .map(([name]) => name);
  return [
    ...building
      .filter((name) => !allowed.includes(name))
      .map((name) => `${name} has an install script, and is not named in allowBuilds`),
    ...allowed
      .filter((name) => !building.includes(name))
      .map((name) => `${name} is named in allowBuilds, and has no install script`),
  ];
}

/** Without a script npm follows a recipe for a compiler, unless the package says that it is none. */
function runsAtInstallation({ scripts, hasRecipe, gypfile }: Installed): boolean {
  return installScripts.some((script) => scripts?.[script] !== undefined) || (hasRecipe && gypfile !== false);
}

/**
 * What is for another machine only is not installed here, so that nothing is known of it, nor of what only it
 * wants. Such packages are one library, compiled for each machine, under one licence.
 */
export function findUnlicensed(
  lock: LockFile,
  installed: ReadonlyMap<string, Installed>,
  runtime: ReadonlySet<string>,
): string[] {
  const isForAnotherMachine = (name: string) =>
    !installed.has(name) && (lock.packages[name]?.os ?? lock.packages[name]?.cpu) !== undefined;
  return [...allPackages(lock, (name) => !isForAnotherMachine(name))]
    .filter((name) => !isForAnotherMachine(name))
    .flatMap((name) => {
      const accepted = runtime.has(name) ? runtimeLicences : toolLicences;
      const licence = installed.get(name)?.license;
      if (typeof licence === 'string' && isAccepted(licence, accepted)) return [];
      return [`${name} has the licence ${licence}, which is not on the list`];
    });
}

/** An SPDX expression of choices, one of which must do; one that asks for two licences at once is refused. */
function isAccepted(expression: string, accepted: readonly string[]): boolean {
  const choices = expression.replace(/^\((.*)\)$/, '$1').split(' OR ');
  return choices.some((choice) => accepted.includes(choice));
}
