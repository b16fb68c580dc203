/** Adds second factors to accounts, by default to ada's, and reads what is stored about them. */
import { randomBytes } from 'node:crypto';
import { sha256 } from '@samesite-sso/core';
import { expect } from 'vitest';
import type { NewSession, OwnSession, Passkey, SignInProof } from '../stores.ts';
import { ADA, CONTEXT, type Given, IDLE_SINCE, NOW } from './given.ts';

export const SEALED_SECRET = 'a sealed secret';

type ProofOf<Kind> = Extract<SignInProof, { kind: Kind }>;

/** A sign-in with a password and a code, by default of the authenticator app that `addAuthenticator` adds. */
export function byStep(
  step: number,
  { sealedSecret = SEALED_SECRET, passwordVersion = 1 } = {},
): ProofOf<'authenticator'> {
  return { kind: 'authenticator', step, sealedSecret, passwordVersion };
}

export function byPasskey(credentialId: string, counter = 0): ProofOf<'passkey'> {
  return { kind: 'passkey', credentialId, counter, challenge: newChallenge() };
}

/** The session in which factors are changed: by default ada's, with its first token. */
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

type NewPasskey = Omit<Passkey, 'lastUsedAt'>;

export function newPasskey(changes: Partial<NewPasskey> = {}): NewPasskey {
  return {
    id: randomBytes(16).toString('base64url'),
    rpId: 'example.localhost',
    publicKey: randomBytes(40),
    counter: 0,
    transports: ['hybrid', 'internal'],
    isBackupEligible: true,
    name: 'My phone',
    createdAt: NOW,
    ...changes,
  };
}

export function newChallenge() {
  return { hash: randomBytes(32), expiresAt: NOW + 300_000 };
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

  /** @returns the session, the last step that was used, and the hashes of the recovery codes */
  async function addAuthenticator(
    accountId = ADA.id,
    changes: Partial<NewAuthenticator> = {},
  ): Promise<NewSession & NewAuthenticator> {
    const session = await given.startSession({ accountId });
    return { ...session, ...(await confirmAuthenticator(session, changes)) };
  }

  /** Renews a session by another sign-in, so that it may change factors up to the one that is used. */
  async function renew(own: OwnSession, proof: SignInProof): Promise<OwnSession> {
    const again = given.newSession({ accountId: own.accountId, proof });
    const renewed = await given.stores.sessions.start(again, own.tokenHash, IDLE_SINCE, CONTEXT);
    expect(renewed).toMatchObject({ sid: own.sid });
    return { ...own, tokenHash: again.tokenHash };
  }

  return {
    confirmAuthenticator,
    addAuthenticator,
    renew,
    /** Adds an authenticator app to ada's account, and renews the session with the next code. */
    async addAndRenew(
      changes: Partial<NewAuthenticator> = {},
    ): Promise<{ own: OwnSession } & NewAuthenticator> {
      const { codeHashes, sealedSecret, ...added } = await addAuthenticator(ADA.id, changes);
      const lastStep = added.lastStep + 1;
      const own = await renew(ownOf(added), byStep(lastStep, { sealedSecret }));
      return { own, sealedSecret, lastStep, codeHashes };
    },
    /** @returns the id of the credential */
    async addPasskey(
      session: Parameters<typeof ownOf>[0],
      changes: Partial<NewPasskey> = {},
    ): Promise<string> {
      const passkey = newPasskey(changes);
      expect(await given.stores.passkeys.add(ownOf(session), passkey, newChallenge(), CONTEXT)).toBeNull();
      return passkey.id;
    },
    factorsOf: (accountId = ADA.id) => given.others.factors.of(accountId),
    /** The kinds of an account's changes of factors, newest first. */
    changesOf: async (accountId = ADA.id) =>
      (await given.others.factors.changesSince(accountId, 0)).map(({ kind }) => kind),
  };
}
