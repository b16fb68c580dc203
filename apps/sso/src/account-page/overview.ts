/** `GET /account/overview`: who is signed in, and every SSO session of theirs with the apps that hang on it. */
import type { FastifyRequest } from 'fastify';
import type { RegisteredApp } from '../registry.ts';
import type { Service } from '../service.ts';
import { deviceOf } from '../sessions/device.ts';
import type { ListedSession } from '../storage/stores.ts';
import type { Overview, SessionOverview } from './shapes.ts';

export async function overview(service: Service, request: FastifyRequest): Promise<Overview> {
  const session = await service.sessions.use(service.cookie.read(request));
  if (session === null) return { status: 'signed out' };
  const { account, sid } = session;
  const sessions = await service.sessions.list(account.id);
  const shown = sessions.map((each) => shownSession(each, sid, service.apps));
  const own = shown.find(({ isThis }) => isThis);
  // It ended between the two looks.
  if (own === undefined) return { status: 'signed out' };
  return { status: 'signed in', account, sessions: [own, ...shown.filter(({ isThis }) => !isThis)] };
}

function shownSession(
  { sid, userAgent, address, startedAt, lastSeenAt, endsAt, apps }: ListedSession,
  ownSid: string,
  registry: readonly RegisteredApp[],
): SessionOverview {
  return {
    sid,
    isThis: sid === ownSid,
    device: deviceOf(userAgent),
    address,
    startedAt: new Date(startedAt).toISOString(),
    lastSeenAt: new Date(lastSeenAt).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    apps: apps.map((origin) => ({
      origin,
      name: registry.find((app) => app.origin === origin)?.name ?? origin,
    })),
  };
}
