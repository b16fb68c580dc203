/**
 * `oidc-provider` with everything in memory, its default: https://github.com/panva/node-oidc-provider. People
 * sign in on its development pages. It asks for no consent, as suits the apps of one company (its recipe
 * "skip consent"). Its settings come from the comparison in SETTINGS.
 */
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type ClientMetadata } from 'oidc-provider';
import { port, reportReady } from './program.ts';

const { issuer, clients }: { issuer: string; clients: ClientMetadata[] } = JSON.parse(
  process.env['SETTINGS'] ?? '',
);
const key = async (algorithm: string) => {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: algorithm, use: 'sig', kid: algorithm };
};

const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [await key('EdDSA'), await key('RS256')] },
  cookies: { keys: [crypto.randomUUID()] },
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: 'Ada Lovelace', preferred_username: 'ada' }),
  }),
  clientBasedCORS: () => true,
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_context, _resource) => ({
        scope: 'read',
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'EdDSA' } },
      }),
    },
  },
  loadExistingGrant: async ({ oidc }) => {
    const { session, client, provider, account } = oidc;
    if (!client || !account) return undefined;
    const grantId = session?.grantIdFor(client.clientId);
    if (grantId) return await provider.Grant.find(grantId);
    const grant = new provider.Grant({ clientId: client.clientId, accountId: account.accountId });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
});
provider.listen(port, '127.0.0.1', reportReady);
