/** Adds second factors to accounts, by default to ada's, for suites that are about something else. */
import { randomBytes } from 'node:crypto';
import { sha256 } from '@samesite-sso/core';
import { expect } from 'vitest';
import type { NewSession, OwnSession, SignInProof } from '../stores.ts';
import { ADA, CONTEXT, type Given, IDLE_SINCE, NOW } from './given.ts';

const SEALED_SECRET = 'a sealed secret';

/** A sign-in with the password and a code, by default of the app that `addAuthenticator` adds. */
export function byStep(
  step: number,
  { sealedSecret = SEALED_SECRET, passwordVersion = 1 } = {},
): Extract<SignInProof, { kind: 'authenticator' }> {
  return { kind: 'authenticator', step, sealedSecret, passwordVersion };
}

/** What a change of factors has to say of its session. By default, one of ada with its first token. */
export function ownOf({ sid, ...others }: { sid: string } & Partial<OwnSession>): OwnSession {
  const { accountId = ADA.id, tokenHash = sha256(sid), authenticatedSince = 0 } = others;
  return { accountId, sid, tokenHash, authenticatedSince };
}

/** The refusal of a change in a session that has ended, or is too weak. */
export const REAUTHENTICATION_REQUIRED = { code: 'reauthentication-required' };

interface NewAuthenticator {
  sealedSecret: string;
  lastStep: number;
  codeHashes: Buffer[];
}

export function givenFactors(given: Given) {
  /** Adds an authenticator app in an active session, which ends the account's others. */
  async function confirmAuthenticator(
    session: Parameters<typeof ownOf>[0],
    changes: Partial<NewAuthenticator> = {},
  ): Promise<NewAuthenticator> {
    const { codeHashes = [randomBytes(32), randomBytes(32)], ...others } = changes;
    const pending = { sealedSecret: SEALED_SECRET, lastStep: 100, ...others };
    const { factors } = given.stores;
    const own = ownOf(session);
    await factors.prepareAuthenticator(own, pending.sealedSecret, NOW + 600_000);
    const isConfirmed = factors.confirmAuthenticator(own, pending, codeHashes, CONTEXT);
    expect(await isConfirmed).toBe(true);
    return { ...pending, codeHashes };
  }

  return {
    confirmAuthenticator,
    /** @returns the session, the last step that was used, and the hashes of the recovery codes */
    async addAuthenticator(
      accountId = ADA.id,
      changes: Partial<NewAuthenticator> = {},
    ): Promise<NewSession & NewAuthenticator> {
      const session = await given.startSession({ accountId });
      return { ...session, ...(await confirmAuthenticator(session, changes)) };
    },
    /** @returns the id of the credential */
    async addPasskey(session: Parameters<typeof ownOf>[0], name = 'A phone', counter = 0): Promise<string> {
      const id = randomBytes(16).toString('base64url');
      const passkey = {
        id,
        rpId: 'example.localhost',
        publicKey: randomBytes(40),
        counter,
        transports: [],
        isBackupEligible: true,
        name,
        createdAt: NOW,
      };
      const challenge = { hash: randomBytes(32), expiresAt: NOW + 300_000 };
      expect(await given.stores.passkeys.add(ownOf(session), passkey, challenge, CONTEXT)).toBeNull();
      return id;
    },
    /** Renews a session by another sign-in, so that it may change factors up to the one that is used. */
    async renew(own: OwnSession, proof: SignInProof): Promise<OwnSession> {
      const again = given.newSession({ accountId: own.accountId, proof });
      const renewed = await given.stores.sessions.start(again, own.tokenHash, IDLE_SINCE, CONTEXT);
      expect(renewed).toMatchObject({ sid: own.sid });
      return { ...own, tokenHash: again.tokenHash };
    },
  };
}
