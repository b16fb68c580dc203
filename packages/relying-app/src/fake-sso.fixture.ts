/**
 * A fake SSO service for tokens and responses that the real one never sends: it signs any header and claims,
 * publishes its keys, and introspects every token as active.
 */
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import {
  AUTHENTICATION_TOKEN_TYPE,
  LOGOUT_EVENT,
  LOGOUT_TOKEN_SECONDS,
  LOGOUT_TOKEN_TYPE,
} from '@samesite-sso/protocol';
import {
  decodeJwt,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { localServer } from '../../../test/support/local-server.fixture.ts';
import { ACCOUNT, ORIGIN, SSO_ORIGIN } from './seeded-session.fixture.ts';

export type FakeSso = Awaited<ReturnType<typeof fakeSso>>;

export const KID = 'the key';
/** An algorithm that the protocol doesn't name, for which it publishes a key. */
export const UNNAMED_ALGORITHM = 'ES384';
/** An unknown header member that it can declare critical. */
export const UNKNOWN_EXTENSION = 'unknown';

export async function fakeSso(clock: () => number) {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
  const publicKey = { ...(await exportJWK(pair.publicKey)), kid: KID, alg: 'EdDSA', use: 'sig' };
  const unnamed = await generateKeyPair(UNNAMED_ALGORITHM);
  const keys = [publicKey, { ...(await exportJWK(unnamed.publicKey)), kid: KID, alg: UNNAMED_ALGORITHM }];
  const requestPaths: string[] = [];
  const { url } = await localServer(async (request, response) => {
    requestPaths.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    if (request.url !== '/introspect') return response.end(JSON.stringify({ keys }));
    const form = new URLSearchParams(await text(request));
    await sso.beforeIntrospection();
    const session_exp = seconds() + 43_200;
    const claims = decodeJwt(form.get('token') ?? '');
    const active = { active: true, ...claims, ...sso.names, ...sso.signIn(), session_exp };
    return response.end(JSON.stringify(active));
  });

  const seconds = () => Math.floor(clock() / 1000);
  /** Signs with this header and the key for its `alg`. */
  const sign = (header: Partial<JWTHeaderParameters>, claims: JWTPayload) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', kid: KID, ...header })
      .sign(header.alg === UNNAMED_ALGORITHM ? unnamed.privateKey : pair.privateKey, {
        crit: { [UNKNOWN_EXTENSION]: true },
      });
  const sso = {
    /** The URL of its server. */
    url,
    publicKey: publicKey as JWK,
    /** The paths of the requests to its server, in order. */
    requestPaths,
    /** Runs before each response to an introspection. */
    beforeIntrospection: async (): Promise<void> => {},
    /** The names in each response to an introspection. */
    names: { username: ACCOUNT.username, name: ACCOUNT.displayName },
    /** What each response to an introspection says of the sign-in. */
    signIn: (): object => ({ auth_time: seconds(), amr: ['pwd'], groups: [] }),
    sign,
    /** A valid logout token, unless `changes` make it invalid. */
    logoutToken: (changes?: JWTPayload) =>
      sign({ typ: LOGOUT_TOKEN_TYPE }, { ...logoutClaims(seconds()), jti: randomUUID(), ...changes }),
    /** A valid authentication token, unless `changes` make it invalid. */
    authenticationToken: (sid: string, changes?: JWTPayload) => {
      const [iat, jti] = [seconds(), randomUUID()];
      const claims = { iss: SSO_ORIGIN, aud: ORIGIN, sub: ACCOUNT.id, sid, jti, iat, exp: iat + 30 };
      return sign({ typ: AUTHENTICATION_TOKEN_TYPE }, { ...claims, ...changes });
    },
  };
  return sso;
}

/** The claims of a valid logout token, without its `jti`. */
export function logoutClaims(iat: number): JWTPayload {
  return {
    iss: SSO_ORIGIN,
    aud: ORIGIN,
    sub: ACCOUNT.id,
    sid: 's1',
    iat,
    exp: iat + LOGOUT_TOKEN_SECONDS,
    events: { [LOGOUT_EVENT]: {} },
  };
}
