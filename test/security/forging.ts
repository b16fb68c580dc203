/**
 * Signed statements made by hand, so that they can be what no library would make: any header over any claims, under
 * any key. A server's own key, which no attacker has, shows what is refused though it be signed.
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
  /** Its public half. */
  jwk: Record<string, unknown>;
}

/** The key that a server signs with. */
export function keyOf({ database }: Pick<Server, 'database'>): Key {
  const [{ kid, kty, crv, d, x }] = JSON.parse(readFileSync(keyFileOf(database), 'utf8')).keys;
  return aKey(kid, createPrivateKey({ key: { kty, crv, d, x }, format: 'jwk' }));
}

/** A key that nobody published. */
export function strangersKey(kid: string): Key {
  return aKey(kid, generateKeyPairSync('ed25519').privateKey);
}

function aKey(kid: string, privateKey: KeyObject): Key {
  const publicKey = createPublicKey(privateKey);
  return { kid, privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid } };
}

/** base64url of a text, or of a value as JSON. */
export function encoded(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/**
 * A compact JWS.
 *
 * @param header a value, or its text where no value can have it: a name twice, a number too large
 * @param claims likewise
 * @param signed makes the signature; by default no bytes at all
 */
export function compact(
  header: unknown,
  claims: unknown,
  signed: (input: Buffer) => Buffer = () => Buffer.alloc(0),
): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  return `${input}.${signed(Buffer.from(input)).toString('base64url')}`;
}

/** As `alg: Ed25519` under the id of a key, unless the header says otherwise. */
export function signedBy(key: Key, header: object, claims: unknown): string {
  return compact({ alg: 'Ed25519', kid: key.kid, ...header }, claims, (input) =>
    sign(null, input, key.privateKey),
  );
}

/** An authentication token that the SSO service never issued, under its own key. */
export function tokenOf(at: Site, app: Server, changes: object = {}): string {
  return signedBy(keyOf(at.sso), { typ: AUTHENTICATION_TOKEN_TYPE }, tokenClaims(at, app, changes));
}

export function tokenClaims(at: Site, app: Server, changes: object = {}): AuthenticationTokenClaims {
  const iat = secondsOf(at);
  const { origin: iss } = at.sso;
  const jti = randomUUID();
  return { iss, aud: app.origin, sub: 'account-of-ada', sid: 's1', jti, iat, exp: iat + 30, ...changes };
}

/** A logout token as the SSO service makes it, under its own key. */
export function logoutTokenOf(at: Site, app: Server, sid: string, changes: object = {}): string {
  return signedBy(keyOf(at.sso), { typ: LOGOUT_TOKEN_TYPE }, logoutClaims(at, app, sid, changes));
}

export function logoutClaims(at: Site, app: Server, sid: string, changes: object = {}): LogoutTokenClaims {
  const iat = secondsOf(at);
  const { origin: iss } = at.sso;
  const events = { [LOGOUT_EVENT]: {} };
  return { iss, aud: app.origin, sid, jti: randomUUID(), iat, exp: iat + 120, events, ...changes };
}

export function secondsOf({ clock }: Site): number {
  return Math.floor(clock.now / 1000);
}
