/**
 * The challenges of WebAuthn ceremonies (Web Authentication Level 3, section 13.4.3). A challenge is bound to
 * its purpose, origin and session, carries its expiry, and is authenticated, so any instance can check it
 * without storage. That alone would allow replays, so the transaction that completes the ceremony stores its
 * hash.
 */
import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '@samesite-sso/core';
import type { SpentChallenge } from '../storage/stores.ts';
import { PasskeyError } from './passkey-error.ts';

export const CHALLENGE_SECONDS = 5 * 60;

const VERSION = 1;
const RANDOM_BYTES = 16;
const EXPIRY_BYTES = 6;
const SIGNED_BYTES = 1 + RANDOM_BYTES + EXPIRY_BYTES;
const MAC_BYTES = 32;

/** What a challenge was issued for. It is accepted for nothing else. */
export interface ChallengeScope {
  /** Signing in at an app, signing in at the account page, or adding a passkey there. */
  purpose: 'app authentication' | 'account authentication' | 'registration';
  /** The origin of the page that asked for it. */
  origin: string;
  /** The session in which a passkey is added. */
  sid?: string;
}

export class Challenges {
  readonly #key: KeyObject;
  readonly #clock: () => number;

  constructor(key: KeyObject, clock: () => number) {
    this.#key = key;
    this.#clock = clock;
  }

  create(scope: ChallengeScope): string {
    const signed = Buffer.alloc(SIGNED_BYTES);
    signed.writeUInt8(VERSION);
    randomBytes(RANDOM_BYTES).copy(signed, 1);
    signed.writeUIntBE(this.#clock() + CHALLENGE_SECONDS * 1000, 1 + RANDOM_BYTES, EXPIRY_BYTES);
    return Buffer.concat([signed, this.#authenticate(signed, scope)]).toString('base64url');
  }

  /**
   * @returns what the transaction of the ceremony stores
   * @throws {PasskeyError} unless it was issued for this scope, and hasn't expired
   */
  check(challenge: string, scope: ChallengeScope): SpentChallenge {
    const bytes = Buffer.from(challenge, 'base64url');
    // Node's decoder ignores some characters and bits: two texts of the same bytes would be two challenges.
    const isExact = bytes.length === SIGNED_BYTES + MAC_BYTES && bytes.toString('base64url') === challenge;
    if (!isExact || bytes[0] !== VERSION) throw new PasskeyError("the challenge isn't one of this service");
    const signed = bytes.subarray(0, SIGNED_BYTES);
    if (!timingSafeEqual(bytes.subarray(SIGNED_BYTES), this.#authenticate(signed, scope))) {
      throw new PasskeyError('the challenge is forged, or was issued for another purpose, origin or session');
    }
    const expiresAt = signed.readUIntBE(1 + RANDOM_BYTES, EXPIRY_BYTES);
    if (expiresAt <= this.#clock()) throw new PasskeyError('the challenge has expired');
    return { hash: sha256(challenge), expiresAt };
  }

  #authenticate(signed: Buffer, { purpose, origin, sid = '' }: ChallengeScope): Buffer {
    return createHmac('sha256', this.#key)
      .update(signed)
      .update(JSON.stringify([purpose, origin, sid]))
      .digest();
  }
}
