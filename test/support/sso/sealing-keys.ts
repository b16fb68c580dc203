/** Sealing keys in files of their own. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { SealingKeys } from '@samesite-sso/core';
import type { AtEnd } from '../at-end.ts';
import { temporaryFolder } from '../temporary-folder.fixture.ts';

export const newSealingKey = () => randomBytes(32).toString('base64');

/** @param lines the keys, the sealing one first */
export function sealingKeysOf(lines: readonly string[] = [newSealingKey()], atEnd?: AtEnd): SealingKeys {
  const file = path.join(temporaryFolder(atEnd), 'sealing-keys');
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return SealingKeys.read(file);
}
