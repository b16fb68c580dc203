/**
 * What Node 24 is, by its hash: the install script of the npm package `node` lets npm fetch the binary for this machine,
 * past the lock file. Runs on any Node from 20 up.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** SHA-256 of the binary of version 24.21.0, for the machines that it was looked at for. */
const hashes = new Map([
  ['linux-x64', '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c'],
  ['linux-arm64', '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584'],
  ['win32-x64', 'ba4e6d110e8c1592a1ecd390f6b05f3da124b13871a5be62b341a07a853c6c32'],
]);

/**
 * Whether the binary is what it was when its version was chosen. For another machine there is nothing to compare.
 *
 * @param {string} file
 * @param {string} machine
 */
export function isTheNodeThatWasChosen(file, machine = `${process.platform}-${process.arch}`) {
  const hash = hashes.get(machine);
  return hash === undefined || createHash('sha256').update(readFileSync(file)).digest('hex') === hash;
}
