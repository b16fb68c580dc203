/** Where the workspace is, and its own Node 24: the npm package `node`. Runs on Node 20 or later. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const workspace = fileURLToPath(new URL('..', import.meta.url));

/** The binary of the npm package, which may be missing. */
export const packagedNode = join(
  workspace,
  'node_modules/node/bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/** From 24.16 on, Node has `crypto.randomUUIDv7`. */
const SUITABLE_VERSION = /^v24\.(?:1[6-9]|[2-9]\d)/;

/**
 * Whether the file is a Node 24 that runs on this machine. The binary of the npm package needs glibc at its
 * usual place, which Alpine and NixOS don't have, and an install script, which `ignore-scripts` suppresses.
 *
 * @param {string} file
 */
export function isNode24(file) {
  const { status, stdout } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 10_000 });
  return status === 0 && SUITABLE_VERSION.test(stdout);
}
