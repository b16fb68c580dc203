/** Seals the secrets in the database with the first sealing key. */
import { ConfigError, isPostgresUrl, type ResealedKeys, resealKeys } from '@samesite-sso/core';
import { AuthenticatorSecrets } from '../accounts/factors/authenticator-secrets.ts';
import { openChallengeKey } from '../passkeys/challenge-key.ts';
import type { AuditContext } from '../storage/stores.ts';
import { type KeyPlace, withSealedStores } from './signing-keys.ts';

interface ResealCounts {
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
  return await withSealedStores(place, async ({ signingKeys, factors, serviceSecrets }) => {
    const keys = isPostgresUrl(database) ? await resealKeys(signingKeys(context)) : null;
    const authenticators = await new AuthenticatorSecrets(sealing).reseal(factors);
    await openChallengeKey(serviceSecrets, sealing); // Reseals it, as the start of the service does.
    return { keys, authenticators };
  });
}
