/** What the comparisons need from `oidc-provider`: a provider, and a person's access token. */
import { exportJWK, generateKeyPair } from 'jose';
import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from 'openid-client';
import { freePort } from '../scripts/site/ports.ts';
import { ASSERTION_TYPE, createAssertion } from './client-assertion.ts';
import { type Peer, startPeer } from './peers/peer.ts';
import { type HttpRequest, send } from './requests.ts';

const CLIENT_ID = 'bench';
const SECRET = crypto.randomUUID();
const REDIRECT_URI = 'http://127.0.0.1/callback';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

type Provider = Peer & { readonly issuer: string };

/** @param host the issuer's host name, as browsers see it */
export async function startProvider(clients: readonly object[], host = '127.0.0.1'): Promise<Provider> {
  const port = await freePort();
  const issuer = `http://${host}:${port}`;
  const settings = JSON.stringify({ issuer, clients });
  return { ...(await startPeer('oidc-provider', { PORT: String(port), SETTINGS: settings })), issuer };
}

/** A provider whose client authenticates with a secret, and requests that can be repeated. */
export async function providerWithSecret() {
  const provider = await startProvider([
    {
      client_id: CLIENT_ID,
      client_secret: SECRET,
      token_endpoint_auth_method: 'client_secret_post',
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'client_credentials'],
    },
  ]);
  const authentication = { client_id: CLIENT_ID, client_secret: SECRET };
  const token = await signIn(provider, authentication);
  const headers = { authorization: `Bearer ${token}` };
  const userinfo: HttpRequest = { method: 'GET', path: '/me', headers };
  const resource = 'http://api.example.localhost';
  /** Issues a JWT for a resource server, signed with EdDSA like our tokens. */
  const jwt = post('/token', { grant_type: 'client_credentials', resource, ...authentication });
  return { provider, userinfo, jwt };
}

/** A provider whose client authenticates with `private_key_jwt`. */
export async function providerWithKey() {
  const { publicKey, privateKey } = await generateKeyPair('EdDSA');
  const kid = 'bench';
  const jwk = { ...(await exportJWK(publicKey)), kid, alg: 'EdDSA' };
  const provider = await startProvider([
    {
      client_id: CLIENT_ID,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'EdDSA',
      jwks: { keys: [jwk] },
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code'],
    },
  ]);
  const authentication = async () => ({
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await createAssertion({ kid, key: privateKey }, CLIENT_ID, provider.issuer),
  });
  const token = await signIn(provider, await authentication());
  /** Introspects the same token with a new client assertion. */
  const introspection = async () => post('/token/introspection', { token, ...(await authentication()) });
  return { provider, introspection };
}

/**
 * Signs a person in with the authorization code flow, as a browser would.
 *
 * @returns an access token
 */
async function signIn({ address }: Provider, authentication: Record<string, string>): Promise<string> {
  const verifier = randomPKCECodeVerifier();
  const start = new URLSearchParams({
    client_id: CLIENT_ID,
    response_type: 'code',
    scope: 'openid profile',
    redirect_uri: REDIRECT_URI,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const cookies: string[] = [];
  /** @returns where the response redirects to */
  const follow = async (request: HttpRequest): Promise<string> => {
    const headers = { ...request.headers, cookie: cookies.join('; ') };
    const response = await send(address, { ...request, headers });
    cookies.push(response.cookie);
    return response.headers.location ?? '';
  };
  const loginPage = await follow(get(`/auth?${start}`));
  const resumed = await follow(post(loginPage, { prompt: 'login', login: 'ada', password: 'any' }));
  const callback = await follow(get(resumed));
  const code = new URL(callback).searchParams.get('code') ?? '';
  const grant = { grant_type: 'authorization_code', code, code_verifier: verifier };
  const request = post('/token', { ...grant, redirect_uri: REDIRECT_URI, ...authentication });
  return JSON.parse((await send(address, request)).body).access_token;
}

function get(path: string): HttpRequest {
  return { method: 'GET', path, headers: {} };
}

function post(path: string, form: Record<string, string>): HttpRequest {
  return { method: 'POST', path, headers: FORM, body: new URLSearchParams(form).toString() };
}
