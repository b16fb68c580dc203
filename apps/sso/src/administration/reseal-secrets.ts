/** Seals the secrets in the database with the first sealing key. */
import {
  ConfigError,
  isPostgresUrl,
  nameDatabaseVariable,
  nameSealingKeyVariable,
  type ResealedKeys,
  resealKeys,
} from '@samesite-sso/core';
import { AuthenticatorSecrets } from '../accounts/factors/authenticator-secrets.ts';
import { openChallengeKey } from '../passkeys/challenge-key.ts';
import type { AuditContext } from '../storage/stores.ts';
import { withStores } from './command.ts';
import { changeSigningKeys, type KeyPlace } from './signing-keys.ts';

export interface ResealCounts {
  /** Null with SQLite, where the signing keys aren't in the database. */
  keys: ResealedKeys | null;
  /** The secrets of authenticator apps. */
  authenticators: ResealedKeys;
}

/**
 * If it fails, what has been resealed stays so, and repeating the call seals the rest.
 *
 * @throws {ConfigError} if there are no sealing keys, or none opens a secret
 */
export async function resealSecrets(place: KeyPlace, context: AuditContext): Promise<ResealCounts> {
  const { database, sealing } = place;
  if (sealing === null)
    throw new ConfigError('SSO_SEALING_KEY_FILE is missing: there is no key to seal with');
  const keys = isPostgresUrl(database) ? await changeSigningKeys(place, context, resealKeys) : null;
  const secrets = new AuthenticatorSecrets(sealing);
  const authenticators = await nameDatabaseVariable('SSO_DATABASE', () =>
    nameSealingKeyVariable('SSO_SEALING_KEY_FILE', () =>
      withStores(
        database,
        async ({ factors, serviceSecrets }) => {
          const counts = await secrets.reseal(factors);
          await openChallengeKey(serviceSecrets, sealing); // Reseals it, as the start of the service does.
          return counts;
        },
        { sealing },
      ),
    ),
  );
  return { keys, authenticators };
}
