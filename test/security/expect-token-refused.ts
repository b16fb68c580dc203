/**
 * Sends a forged token to the app from the attacker's browser, and to the SSO service as an app's
 * introspection. Both refuse it. The genuine token stays valid, and its person stays signed in.
 */
import { SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, expect } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import type { Site } from '../support/site.ts';
import { expectRefusal } from './expect-refusal.ts';
import { arrivals, introspect } from './introspect.ts';

/** Makes a token from ada's genuine, unredeemed token for foo. */
export type Forgery = (genuine: string, at: Site) => string;

/**
 * @param site shared by all forgeries of a file
 * @returns a function that expects a forgery to be refused and returns the number of introspections
 */
export function prepareTokenForgery(site: () => Site): (forge: Forgery) => Promise<number> {
  let victim: Browser;
  let introspections: () => number;
  beforeAll(async () => {
    victim = new Browser(site());
    await victim.signIn(ADA);
    introspections = arrivals(site().sso, SSO_PATHS.introspection);
  });

  return async (forge) => {
    const at = site();
    const genuine = await victim.token();
    const forged = forge(genuine, at);
    expect(forged).not.toBe(genuine);
    // Every authenticated app leaves a row there.
    const state = () => at.state('sso.client_assertion');
    const before = await state();
    const introspectedBefore = introspections();

    const attacker = new Browser(at);
    const answer = await attacker.redeem(at.foo, forged);
    const introspected = introspections() - introspectedBefore;
    expectRefusal(answer, 'invalid-token');
    expect(await attacker.sessionAt(at.foo)).toEqual({ status: 'signed out' });

    const response = await introspect(at, forged);
    expect([response.status, response.text]).toEqual([200, '{"active":false}']);
    expect(await state()).toEqual(before);

    expect(await victim.sessionAt(at.foo)).toMatchObject({ status: 'signed in' });
    expect((await victim.redeem(at.foo, genuine)).status).toBe(201);
    return introspected;
  };
}
