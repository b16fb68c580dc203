/** `GET /account/overview`: who is signed in, and their most recent SSO sessions with the apps of each. */
import type { FastifyRequest } from 'fastify';
import type { AppRegistry } from '../registry/app-registry.ts';
import { describeDevice } from '../sessions/device.ts';
import type { ListedSession } from '../storage/stores.ts';
import { findSession, type QueuedSessionDependencies } from './require-session.ts';
import type { Overview, SessionOverview } from './schemas.ts';

const MAX_SHOWN_SESSIONS = 50;

export interface OverviewDependencies extends QueuedSessionDependencies {
  registry: AppRegistry;
}

export async function getOverview(
  dependencies: OverviewDependencies,
  request: FastifyRequest,
): Promise<Overview> {
  const own = await findSession(dependencies, request);
  if (own === null) return { status: 'signed out' };
  const { sessions, count } = await dependencies.accountQueue.run(own.account.id, () =>
    dependencies.sessions.newest(own, MAX_SHOWN_SESSIONS),
  );
  if (count === 0) return { status: 'signed out' }; // The session ended while the request waited.
  return {
    status: 'signed in',
    account: own.account,
    sessions: sessions.map((session) => toOverview(session, own.sid, dependencies.registry)),
    sessionCount: count,
  };
}

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
    startedAt: new Date(startedAt).toISOString(),
    lastSeenAt: new Date(lastSeenAt).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    apps: apps.map((origin) => ({
      origin,
      name: registry.find(origin)?.name ?? origin,
    })),
  };
}
