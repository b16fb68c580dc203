import { describe, expect, it } from 'vitest';
import {
  AUTHENTICATION_TOKEN_TYPE,
  CLIENT_ASSERTION_MAX_SECONDS,
  CLOCK_TOLERANCE_SECONDS,
  LOGOUT_EVENT,
  LOGOUT_TOKEN_SECONDS,
  LOGOUT_TOKEN_TYPE,
} from './server-requests.ts';
import { APP_PATHS, BODY_LIMIT_BYTES, COOKIES, SIGNATURE_ALGORITHMS, SSO_PATHS } from './wire-constants.ts';

// Apps in other languages depend on these: changing one breaks them.
describe('the constants of the wire', () => {
  it('list the paths of the protocol', () => {
    expect(SSO_PATHS).toEqual({
      crossOrigin: '/',
      introspection: '/introspect',
      endSession: '/end-session',
      metadata: '/.well-known/oauth-authorization-server',
      keys: '/.well-known/jwks.json',
    });
    expect(APP_PATHS).toEqual({
      session: '/session',
      backchannelLogout: '/backchannel-logout',
      keys: '/.well-known/jwks.json',
    });
  });

  it('name cookies that no other host can set', () => {
    expect(COOKIES).toEqual({ sso: '__Host-sso', app: '__Host-app' });
  });

  it('list asymmetric algorithms only', () => {
    expect(SIGNATURE_ALGORITHMS.filter((name) => !/^(EdDSA|Ed25519|ES\d{3})$/.test(name))).toEqual([]);
    expect(SIGNATURE_ALGORITHMS).not.toHaveLength(0);
  });

  it('set the limits of the protocol', () => {
    expect(BODY_LIMIT_BYTES).toBe(4096);
    expect(AUTHENTICATION_TOKEN_TYPE).toBe('authentication-token+jwt');
    expect([CLIENT_ASSERTION_MAX_SECONDS, CLOCK_TOLERANCE_SECONDS]).toEqual([60, 5]);
    expect([LOGOUT_TOKEN_TYPE, LOGOUT_TOKEN_SECONDS]).toEqual(['logout+jwt', 120]);
    expect(LOGOUT_EVENT).toBe('http://schemas.openid.net/event/backchannel-logout');
  });
});
