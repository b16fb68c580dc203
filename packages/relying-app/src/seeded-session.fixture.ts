/** An app whose database already has a session, so that tests need no network. */
import { join } from 'node:path';
import type { AuthenticationMethods } from '@samesite-sso/protocol';
import Fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { AppSessions } from './app-sessions.ts';
import { type RelyingAppOptions, relyingApp } from './index.ts';
import { openStore } from './storage/open-store.ts';

export const ORIGIN = 'http://foo.app.example.localhost:4001';
export const SSO_ORIGIN = 'http://sso.example.localhost:4000';
export const ACCOUNT = { id: 'a1', username: 'ada', displayName: 'Ada Lovelace' };

export const newDatabase = (): string => join(temporaryFolder(), 'app.db');

/** @returns the cookie of a session that `clock` starts now */
export async function seedSession(
  file: string,
  {
    clock = Date.now,
    ttlSeconds = 1800,
    sid = 's1',
    amr = ['pwd'],
    groups = [],
  }: {
    clock?: () => number;
    ttlSeconds?: number;
    sid?: string;
    amr?: AuthenticationMethods;
    groups?: string[];
  } = {},
): Promise<string> {
  const { store } = await openStore({ database: file });
  const sessions = new AppSessions(store, clock, ttlSeconds);
  const now = clock();
  // Older than any logout token that the app accepts.
  const tokenIssuedAt = now - 600_000;
  const times = { tokenIssuedAt, authenticatedAt: now, ssoEndsAt: now + 86_400_000 };
  const signIn = { account: ACCOUNT, sid, amr, groups, ...times };
  const { sessionToken } = await sessions.start(signIn, null);
  await store.close();
  return `__Host-app=${sessionToken}`;
}

/** The plugin in a host app, without an SSO service. */
export async function serve(
  options: Partial<RelyingAppOptions> = {},
  host: FastifyInstance = Fastify(),
): Promise<FastifyInstance> {
  onTestFinished(() => host.close());
  await host.register(relyingApp, {
    origin: ORIGIN,
    ssoOrigin: SSO_ORIGIN,
    database: newDatabase(),
    ...options,
  });
  return host;
}
