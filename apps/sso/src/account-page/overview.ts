/**
 * `GET /account/overview`: who is signed in, their most recent SSO sessions with the apps of each, and their
 * factors.
 */
import type { FastifyRequest } from 'fastify';
import type { AuthenticatorEnrollment } from '../accounts/factors/authenticator-enrollment.ts';
import type { AppRegistry } from '../registry/app-registry.ts';
import { describeDevice } from '../sessions/device.ts';
import { SHOWN_CHANGES_MS } from '../storage/factor-store.ts';
import type { FactorStore, ListedSession, PasskeyStore } from '../storage/stores.ts';
import { findSession, type QueuedSessionDependencies } from './require-session.ts';
import type { Overview, SessionOverview, SignedInOverview } from './schemas.ts';

const MAX_SHOWN_SESSIONS = 50;

export interface OverviewDependencies extends QueuedSessionDependencies {
  registry: AppRegistry;
  factors: FactorStore;
  passkeys: PasskeyStore;
  enrollment: AuthenticatorEnrollment;
  clock: () => number;
  rpId: string;
}

export async function getOverview(
  dependencies: OverviewDependencies,
  request: FastifyRequest,
): Promise<Overview> {
  const own = await findSession(dependencies, request);
  if (own === null) return { status: 'signed out' };
  const { account } = own;
  const { sessions, count, ...factors } = await dependencies.accountQueue.run(account.id, async () => ({
    ...(await dependencies.sessions.newest(own, MAX_SHOWN_SESSIONS)),
    ...(await getFactors(dependencies, account.id)),
  }));
  if (count === 0) return { status: 'signed out' }; // The session ended while the request waited.
  return {
    status: 'signed in',
    account,
    sessions: sessions.map((session) => toOverview(session, own.sid, dependencies.registry)),
    sessionCount: count,
    ...factors,
  };
}

async function getFactors(
  { factors, passkeys, enrollment, clock, rpId }: OverviewDependencies,
  accountId: string,
): Promise<Pick<SignedInOverview, 'factors' | 'passkeyUser' | 'canAddAuthenticator' | 'factorChanges'>> {
  const { hasAuthenticator, recoveryCodeCount } = await factors.of(accountId);
  const added = await passkeys.of(accountId);
  const userHandle = await passkeys.findUserHandle(accountId);
  const since = clock() - SHOWN_CHANGES_MS;
  const changes = await factors.changesSince(accountId, since);
  return {
    factors: {
      passkeys: added.map(({ id, name, createdAt, lastUsedAt }) => ({
        id,
        name,
        createdAt: toIso(createdAt),
        lastUsedAt: lastUsedAt === null ? null : toIso(lastUsedAt),
      })),
      authenticator: hasAuthenticator,
      recoveryCodes: recoveryCodeCount,
    },
    passkeyUser: userHandle && { rpId, id: userHandle.toString('base64url') },
    canAddAuthenticator: enrollment.isAvailable,
    factorChanges: changes.map((change) => ({ ...change, at: toIso(change.at) })),
  };
}

const toIso = (time: number) => new Date(time).toISOString();

function toOverview(
  { sid, userAgent, device, address, startedAt, lastSeenAt, endsAt, apps }: ListedSession,
  ownSid: string,
  registry: AppRegistry,
): SessionOverview {
  return {
    sid,
    isThis: sid === ownSid,
    device: device ?? describeDevice(userAgent),
    address,
    startedAt: toIso(startedAt),
    lastSeenAt: toIso(lastSeenAt),
    endsAt: toIso(endsAt),
    apps: apps.map((origin) => ({
      origin,
      name: registry.find(origin)?.name ?? origin,
    })),
  };
}
