/** Serves the endpoints, algorithms and public keys of this service to apps' servers. */
import { JWKS_CACHE_CONTROL, type KeyRing } from '@samesite-sso/core';
import { SIGNATURE_ALGORITHMS, SSO_PATHS } from '@samesite-sso/protocol';
import type { FastifyInstance } from 'fastify';

export async function discovery(
  scope: FastifyInstance,
  { origin, keys }: { origin: string; keys: KeyRing },
): Promise<void> {
  scope.addHook('onRequest', async (_request, reply) => {
    reply.header('Cache-Control', JWKS_CACHE_CONTROL);
  });

  // RFC 8414, section 2. Section 3.2 forbids empty lists: there is no authorization endpoint, and so no
  // `response_types_supported`.
  scope.get(SSO_PATHS.metadata, async () => ({
    issuer: origin,
    introspection_endpoint: origin + SSO_PATHS.introspection,
    introspection_endpoint_auth_methods_supported: ['private_key_jwt'],
    introspection_endpoint_auth_signing_alg_values_supported: SIGNATURE_ALGORITHMS,
    jwks_uri: origin + SSO_PATHS.keys,
    // OpenID Connect Back-Channel Logout 1.0, section 2.1.
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    authentication_token_signing_alg_values_supported: [keys.algorithm],
  }));

  scope.get(SSO_PATHS.keys, async () => keys.publicKeys);
}
