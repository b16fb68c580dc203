/**
 * The folder for databases, logs and prepared requests. It is on the disk of the workspace, because the
 * system's temporary folder may be in memory, where a durable commit costs nothing.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workspace } from '../scripts/node24.mjs';

const path = join(workspace, 'bench/.data', String(process.pid));

export function dataFolder(): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

/** @returns a new folder inside it */
export function newFolder(name: string): string {
  const created = join(dataFolder(), `${name}-${crypto.randomUUID()}`);
  mkdirSync(created, { mode: 0o700 });
  return created;
}

/** @returns a new folder that other users may enter: as root, PostgreSQL runs as a user of its own */
export function newSharedFolder(name: string): string {
  const created = newFolder(name);
  for (const folder of [dirname(path), path, created]) chmodSync(folder, 0o711);
  return created;
}

export function removeDataFolder(): void {
  rmSync(path, { recursive: true, force: true });
}
