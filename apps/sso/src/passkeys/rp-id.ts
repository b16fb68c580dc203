/**
 * The RP ID (Web Authentication Level 3, section 4): the domain for which passkeys are made. It is the site's
 * registrable domain, so that every app's page can use them, and never comes from a request: otherwise, the
 * host at which a person registered would decide where the passkey works.
 */
import { ConfigError, registrableDomain } from '@samesite-sso/core';
import type { PasskeyStore } from '../storage/stores.ts';

const MAX_NAMED_RP_IDS = 10;

export function toRpId(ssoOrigin: string): string {
  return registrableDomain(new URL(ssoOrigin));
}

/**
 * Passkeys work for their RP ID alone, so a service with another one would lock people out.
 *
 * @throws {ConfigError} if there are passkeys for another RP ID; it says how many
 */
export async function requireSameRpId(passkeys: PasskeyStore, rpId: string): Promise<void> {
  const stored = await passkeys.rpIds(MAX_NAMED_RP_IDS);
  const errors = stored
    .filter((other) => other.rpId !== rpId)
    .map(
      ({ rpId: other, count }) =>
        `SSO_ORIGIN: belongs to the site ${rpId}, but the database has ${count} ` +
        `passkey${count === 1 ? '' : 's'} for ${other}, which would stop working; ` +
        `use an origin of ${other}, or a copy of the database without them`,
    );
  if (errors.length > 0) throw new ConfigError(errors);
}
