/**
 * Creates JWSs that no library would create: any header and claims under any key. With a server's own key,
 * which no attacker has, tests show which tokens are refused despite a valid signature.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  sign,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { keyFileOf } from '@samesite-sso/core';
import {
  AUTHENTICATION_TOKEN_TYPE,
  type AuthenticationTokenClaims,
  LOGOUT_EVENT,
  LOGOUT_TOKEN_TYPE,
  type LogoutTokenClaims,
} from '@samesite-sso/protocol';
import type { Server, Site } from '../support/site.ts';

/** An Ed25519 key. */
export interface Key {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** The public key. */
  jwk: Record<string, unknown>;
}

/** A server's signing key. */
export function keyOf({ database }: Pick<Server, 'database'>): Key {
  const [{ kid, kty, crv, d, x }] = JSON.parse(readFileSync(keyFileOf(database), 'utf8')).keys;
  return aKey(kid, createPrivateKey({ key: { kty, crv, d, x }, format: 'jwk' }));
}

/** A key that no server publishes. */
export function unpublishedKey(kid: string): Key {
  return aKey(kid, generateKeyPairSync('ed25519').privateKey);
}

function aKey(kid: string, privateKey: KeyObject): Key {
  const publicKey = createPublicKey(privateKey);
  return { kid, privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid } };
}

/** The base64url encoding of a text, or of a value's JSON. */
export function encoded(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/**
 * A compact JWS.
 *
 * @param header a value, or a text for JSON that no value serializes to, such as duplicate names
 * @param claims likewise
 * @param signed makes the signature, by default an empty one
 */
export function compact(
  header: unknown,
  claims: unknown,
  signed: (input: Buffer) => Buffer = () => Buffer.alloc(0),
): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${signed(Buffer.from(input)).toString('base64url')}`;
}

/** Signs with the key, as `alg: Ed25519` and under its id unless the header says otherwise. */
export function signedBy(key: Key, header: object, claims: unknown): string {
  return compact({ alg: 'Ed25519', kid: key.kid, ...header }, claims, (input) =>
    sign(null, input, key.privateKey),
  );
}

/** An authentication token that the SSO service never issued, signed with its key. */
export function tokenOf(at: Site, app: Server, changes: object = {}): string {
  return signedBy(keyOf(at.sso), { typ: AUTHENTICATION_TOKEN_TYPE }, tokenClaims(at, app, changes));
}

/** A site in this process with its clock, or one of real processes at the true time. */
interface TimedSite {
  sso: Pick<Server, 'origin'>;
  clock?: { now: number };
}

export function tokenClaims(
  at: TimedSite,
  app: Pick<Server, 'origin'>,
  changes: object = {},
): AuthenticationTokenClaims {
  const iat = secondsOf(at);
  const { origin: iss } = at.sso;
  const jti = randomUUID();
  return { iss, aud: app.origin, sub: 'account-of-ada', sid: 's1', jti, iat, exp: iat + 30, ...changes };
}

/** A logout token signed with the SSO service's key. */
export function logoutTokenOf(at: Site, app: Server, sid: string, changes: object = {}): string {
  return signedBy(keyOf(at.sso), { typ: LOGOUT_TOKEN_TYPE }, logoutClaims(at, app, sid, changes));
}

export function logoutClaims(
  at: TimedSite,
  app: Pick<Server, 'origin'>,
  sid: string,
  changes: object = {},
): LogoutTokenClaims {
  const iat = secondsOf(at);
  const { origin: iss } = at.sso;
  const events = { [LOGOUT_EVENT]: {} };
  return { iss, aud: app.origin, sid, jti: randomUUID(), iat, exp: iat + 120, events, ...changes };
}

export function secondsOf({ clock }: Pick<TimedSite, 'clock'>): number {
  return Math.floor((clock?.now ?? Date.now()) / 1000);
}
