/** The fixture of every contract suite: two connections to the same stores, and functions that fill them. */
import { randomBytes, randomUUID } from 'node:crypto';
import { sha256 } from '@samesite-sso/core';
import { beforeEach, expect } from 'vitest';
import { ADA, byPassword, GRACE, NO_REQUIREMENT } from '../../../../../test/support/accounts.ts';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import type { AuditKind } from '../audit-store.ts';
import type {
  AppRequirement,
  AuditContext,
  ClientAssertion,
  NewSession,
  NewToken,
  Stores,
} from '../stores.ts';

export { ADA, byPassword, GRACE, NO_REQUIREMENT };

export const NOW = Date.parse('2026-11-22T12:00:00Z');
export const FOO = 'http://foo.app.example.localhost:4001';
export const LOREM = 'http://lorem.app.example.localhost:4002';
export const ACCOUNT = { ...ADA, usernameKey: 'ada', passwordHash: 'hash' };
export const ACCOUNT_OF_GRACE = { ...GRACE, usernameKey: 'grace', passwordHash: 'hash' };
export const CONTEXT: AuditContext = { at: NOW, actor: 'person', address: '192.0.2.1' };
/** The audit context of what the SSO service does by itself. */
export const SERVICE: AuditContext = { at: NOW, actor: 'service', address: null };
/** The requirement of an app that everybody with a second factor may use. */
export const SECOND_FACTOR_REQUIRED: AppRequirement = { groups: null, secondFactor: true };
export const IDLE_SINCE = NOW - 1000;
export const INVITATION_EXPIRY = NOW + 1000;
export const at = (now: number): AuditContext => ({ ...CONTEXT, at: now });
/** A client assertion of an app, with a `jti` of its own. */
export const assertionBy = (app: string, changes: Partial<ClientAssertion> = {}): ClientAssertion => ({
  app,
  jti: randomUUID(),
  expiresAt: NOW + 60_000,
  ...changes,
});
export const failureOf = (usernameHash: Buffer) => ({ usernameHash, accountId: null });
/** The limits of one or several networks. */
export const limitsOf = (...names: string[]) => ({
  windowMs: 900_000,
  networks: names.map((name) => ({ name, maxFailuresPerAccount: 10, maxFailures: 300 })),
});
export const LIMITS = limitsOf('192.0.2.1');

/** What the suites need from a backend. */
export interface Backend {
  /** Opens another connection to the stores of the running test, which are empty when it starts. */
  open(): Promise<Stores>;
  /** Makes the database refuse to delete the session of this `sid`, so that it can't be ended. */
  refuseToEnd(sid: string): Promise<void>;
  /** Whether several instances may use the database at a time. */
  isShared: boolean;
}

type InvitedSession = Omit<NewSession, 'proof' | 'accountId'>;

interface Acceptance {
  session: InvitedSession;
  /** The hash of the session token in the request's cookie. */
  presented: Buffer | null;
  stores: Stores;
  now: number;
}

/** The holder of the leases under which {@link givenStores} reads logout notices. */
export const HOLDER = 'the holder in a test';

export function givenStores(backend: Backend) {
  const given = {
    ...backend,
    /** Two connections, like those of two processes. */
    stores: {} as Stores,
    others: {} as Stores,
    /** Calls both connections alternately, all in parallel. */
    inParallel: <Result>(times: number, ask: (stores: Stores, index: number) => Promise<Result>) =>
      Promise.all(
        Array.from({ length: times }, (_, index) =>
          ask(index % 2 === 0 ? given.stores : given.others, index),
        ),
      ),
    newSession,
    async startSession({ replaced, ...settings }: Partial<NewSession> & { replaced?: Buffer } = {}) {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      const session = newSession(settings);
      const started = given.stores.sessions.start(session, replaced ?? null, IDLE_SINCE, CONTEXT);
      expect(await started).toEqual({ sid: session.sid, endsAt: session.endsAt });
      return session;
    },
    /** Signs in with the cookie of a session. */
    signInAgain(
      presented: Pick<NewSession, 'tokenHash'>,
      session: NewSession,
      changes: { stores?: Stores; now?: number } = {},
    ) {
      const { stores = given.stores, now = NOW } = changes;
      return stores.sessions.start(session, presented.tokenHash, IDLE_SINCE, at(now));
    },
    async issueToken(sid: string, appOrigin = FOO, now = NOW) {
      const token = newToken(sid, appOrigin);
      const refusal = await given.stores.tokens.issue(token, NO_REQUIREMENT, at(now));
      return { hash: token.hash, isIssued: refusal === null };
    },
    /** Starts sessions of ada, each with a token for foo. */
    async startMany(count: number, settings: Partial<NewSession> = {}): Promise<string[]> {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      const sids: string[] = [];
      while (sids.length < count) {
        const session = newSession(settings);
        await given.stores.sessions.start(session, null, IDLE_SINCE, CONTEXT);
        await given.issueToken(session.sid);
        sids.push(session.sid);
      }
      return sids;
    },
    /** Creates an invitation. @returns the hash of its secret */
    async invite(accountId = ADA.id): Promise<Buffer> {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      const invitation = { accountId, secretHash: randomBytes(32), expiresAt: INVITATION_EXPIRY };
      expect(await given.stores.invitations.create(invitation, CONTEXT)).toBe(true);
      return invitation.secretHash;
    },
    /** Accepts an invitation with the password hash `chosen`. */
    accept(secretHash: Buffer, changes: Partial<Acceptance> = {}): Promise<boolean> {
      const { session = newInvited(), presented = null, stores = given.stores, now = NOW } = changes;
      return stores.invitations.accept(secretHash, 'chosen', session, presented, at(now));
    },
    /** The sids of the sessions of an account, or of all. */
    sidsOf: async (accountId?: string) =>
      (await allRows(given.stores.sessions.pages(accountId))).map(({ sid }) => sid),
    /** The apps that have access to a session. */
    appsOf: async (sid: string) =>
      (await allRows(given.stores.sessions.pages())).find((session) => session.sid === sid)?.apps,
    noticesFor: (appOrigin: string, now = NOW) => given.stores.logoutNotices.due(appOrigin, HOLDER, now, 100),
    /** The details of all records of a kind. */
    detailsOf: async (kind: AuditKind) =>
      (await allRows(given.stores.audit.pages({ kind, limit: 1000 }))).map(({ detail }) => detail),
  };
  beforeEach(async () => {
    given.stores = await backend.open();
    given.others = await backend.open();
    return async () => {
      await given.stores.close();
      await given.others.close();
    };
  });
  return given;
}
export type Given = ReturnType<typeof givenStores>;

/** A token that was asked for with the first session token of a session that {@link newSession} made. */
export function newToken(sid: string, app = FOO): NewToken {
  return { hash: randomBytes(32), app, sid, sessionTokenHash: sha256(sid), expiresAt: NOW + 5000 };
}

/** The session of a person who accepts an invitation. */
export function newInvited(): InvitedSession {
  const { proof: _proof, accountId: _account, ...session } = newSession();
  return session;
}

function newSession({ sid = randomUUID(), ...settings }: Partial<NewSession> = {}): NewSession {
  return {
    sid,
    tokenHash: sha256(sid),
    accountId: ADA.id,
    proof: byPassword(),
    endsAt: NOW + 10_000,
    userAgent: 'Browser/1.0',
    device: 'Browser',
    ...settings,
  };
}
