/**
 * Creates secrets of the demo in containers; existing ones stay. With a path, as the container `sealing-key`
 * runs it, it creates one sealing key, in that file. Without one, as the container `secrets` of
 * docker-compose.scale.yml runs it, it creates a sealing key and a PostgreSQL password each for the SSO
 * service and foo, in their volumes.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Also the names of their roles and databases at PostgreSQL. */
const PROGRAMS = ['sso', 'foo'];

/** @param folder where the volumes are mounted */
export function createSecrets(folder: string): void {
  for (const program of PROGRAMS) {
    createSealingKey(join(folder, program, 'sealing-key'));
    // PostgreSQL runs as another user. Only its container mounts this volume.
    const passwordFile = join(folder, 'postgres', program);
    createFile(passwordFile, 0o444, () => randomBytes(24).toString('base64url'));
    const password = readFileSync(passwordFile, 'utf8');
    createFile(
      join(folder, program, 'pgpass'),
      0o600,
      () => `postgres:5432:${program}:${program}:${password}\n`,
    );
  }
}

/** Keeps an existing file. */
export function createSealingKey(file: string): void {
  createFile(file, 0o600, () => `${randomBytes(32).toString('base64')}\n`);
}

/** Creates the whole file or, if it is interrupted, none. */
function createFile(file: string, mode: number, text: () => string): void {
  if (existsSync(file)) return;
  writeFileSync(`${file}.new`, text(), { mode });
  renameSync(`${file}.new`, file);
}

if (import.meta.main) {
  const [, , sealingKeyFile] = process.argv;
  if (sealingKeyFile === undefined) createSecrets('/secrets');
  else createSealingKey(sealingKeyFile);
}
