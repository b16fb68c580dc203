/**
 * The rules for dependencies that pnpm's own settings in pnpm-workspace.yaml don't cover. Each returns its
 * violations as sentences. check.ts applies them.
 */
import type { LockFile, Manifests } from './workspace.ts';

/** Licenses that ask an app that installs our packages for nothing but attribution. */
export const RUNTIME_LICENSES = ['MIT', 'ISC', 'BSD-3-Clause', 'BlueOak-1.0.0', '0BSD', 'Apache-2.0'];

/** Tools and their word lists aren't distributed, so licenses with further conditions are fine. */
export const TOOL_LICENSES = [...RUNTIME_LICENSES, 'BSD-2-Clause', 'CC BY-SA 4.0', 'MPL-2.0', 'WTFPL'];

const EXACT_VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/**
 * Packages that keep a registry of types in memory. With two versions, `@simplewebauthn/server` finds no type
 * in the other's registry, and refuses every passkey with ES256 (MasterKale/SimpleWebAuthn#738).
 */
const SINGLE_VERSION = ['@peculiar/asn1-schema'];

/** What `pnpm licenses list --json` prints: packages by license. */
export type Licenses = Readonly<Record<string, readonly { readonly name: string }[]>>;

/** A range would let an installation without the lock file bring in a version that nobody has reviewed. */
export function findRanges(manifests: Manifests): string[] {
  return Object.entries(manifests).flatMap(([folder, manifest]) =>
    Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    })
      .filter(([, version]) => version !== 'workspace:*' && !EXACT_VERSION.test(version))
      .map(([name, version]) => `${folder} depends on ${name} ${version}, which isn't an exact version`),
  );
}

/**
 * A resolution may only contain the hash. Without an address, the package comes from the configured registry.
 */
export function findUnhashed(lock: LockFile): string[] {
  return Object.entries(lock.packages)
    .filter(([, { resolution }]) => {
      const { integrity, ...others } = resolution;
      return !String(integrity).startsWith('sha512-') || Object.keys(others).length > 0;
    })
    .map(([name]) => `${name} isn't locked by its hash in the registry`);
}

export function findDeprecated(lock: LockFile): string[] {
  return Object.entries(lock.packages)
    .filter(([, { deprecated }]) => deprecated !== undefined)
    .map(([name, { deprecated }]) => `${name} is deprecated: ${deprecated}`);
}

export function findSeveralVersions(lock: LockFile): string[] {
  return SINGLE_VERSION.flatMap((name) => {
    const locked = Object.keys(lock.packages).filter((each) => each.startsWith(`${name}@`));
    return locked.length > 1 ? [`${locked.join(' and ')} are locked, but only one version may be`] : [];
  });
}

export function findUnlicensed(licenses: Licenses, accepted: readonly string[]): string[] {
  return Object.entries(licenses)
    .filter(([expression]) => !isAccepted(expression, accepted))
    .flatMap(([expression, packages]) =>
      packages.map(({ name }) => `${name} has the license ${expression}, which isn't accepted`),
    );
}

/** One choice of an SPDX expression must be accepted. An expression that combines licenses is refused. */
function isAccepted(expression: string, accepted: readonly string[]): boolean {
  const choices = expression.replace(/^\((.*)\)$/, '$1').split(' OR ');
  return choices.some((choice) => accepted.includes(choice));
}
