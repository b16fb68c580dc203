/**
 * Checks the Node 24 of the npm package `node` against its hash: the package's install script downloads the
 * binary for this machine, which the lock file doesn't cover. Runs on Node 20 or later.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** SHA-256 of the binary of version 24.21.0, by platform. */
const expectedHashes = new Map([
  ['linux-x64', '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c'],
  ['linux-arm64', '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584'],
  ['win32-x64', 'ba4e6d110e8c1592a1ecd390f6b05f3da124b13871a5be62b341a07a853c6c32'],
]);

/**
 * Also true on a platform whose binary hasn't been reviewed: there is nothing to compare it with.
 *
 * @param {string} file
 * @param {string} platform
 */
export function hasExpectedHash(file, platform = `${process.platform}-${process.arch}`) {
  const expected = expectedHashes.get(platform);
  return expected === undefined || createHash('sha256').update(readFileSync(file)).digest('hex') === expected;
}
