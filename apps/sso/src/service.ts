/** Everything that the routes stand on, made once at start out of the config. */

import { type KeyRing, SessionCookie } from '@samesite-sso/core';
import { COOKIES } from '@samesite-sso/protocol';
import type { PasswordHasher } from './accounts/hashing/hasher.ts';
import { PasswordQueue } from './accounts/hashing/password-queue.ts';
import { Login } from './accounts/login.ts';
import { LoginThrottle } from './accounts/login-throttle.ts';
import { PasswordChange } from './accounts/password-change.ts';
import { RefusedSignIns } from './accounts/refused-sign-ins.ts';
import type { Config } from './config.ts';
import { ClientAuthenticator } from './introspection/client-authentication.ts';
import type { RegisteredApp } from './registry.ts';
import { AuthenticationTokens } from './sessions/authentication-tokens.ts';
import { SsoSessions } from './sessions/sso-sessions.ts';
import type { Stores } from './storage/stores.ts';

export interface Service {
  origin: string;
  apps: readonly RegisteredApp[];
  keys: KeyRing;
  cookie: SessionCookie;
  sessions: SsoSessions;
  tokens: AuthenticationTokens;
  login: Login;
  refusedSignIns: RefusedSignIns;
  passwords: PasswordChange;
  clients: ClientAuthenticator;
}

export function createService(
  config: Config,
  {
    stores,
    keys,
    hasher,
    clock,
  }: { stores: Stores; keys: KeyRing; hasher: PasswordHasher; clock: () => number },
): Service {
  const { accounts, audit, loginFailures } = stores;
  const queue = new PasswordQueue();
  const throttle = new LoginThrottle(loginFailures, clock, config.failureLimits);
  const refusedSignIns = new RefusedSignIns(audit, clock);
  const login = new Login({ accounts, hasher, queue, throttle, refused: refusedSignIns });
  return {
    origin: config.origin,
    apps: config.apps,
    keys,
    cookie: new SessionCookie(COOKIES.sso),
    sessions: new SsoSessions(stores.sessions, clock, config),
    tokens: new AuthenticationTokens(stores.tokens, keys, clock, {
      issuer: config.origin,
      ttlSeconds: config.tokenSeconds,
    }),
    login,
    refusedSignIns,
    passwords: new PasswordChange({ accounts, login, hasher, queue, clock }, config.contextWords),
    clients: new ClientAuthenticator(config.apps, stores.clientAssertions, clock, config.origin),
  };
}
