/**
 * Tries a forged token at the app, to which the attacker's browser sends it, and at the SSO service, which
 * an app asks about it. The genuine token stays valid, and its person stays signed in.
 */
import { SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, expect } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import type { Site } from '../support/site.ts';
import { arrivals, introspect } from './introspection.ts';
import { expectRefusal } from './refused.ts';

/** Makes a token from ada's genuine, unredeemed token for foo. */
export type Forgery = (genuine: string, at: Site) => string;

/**
 * @param site shared by all forgeries of a file
 * @returns a function that expects a forgery to be refused and returns the number of introspections
 */
export function prepareTokenForgery(site: () => Site): (forge: Forgery) => Promise<number> {
  let victim: Browser;
  let asked: () => number;
  beforeAll(async () => {
    victim = new Browser(site());
    await victim.signIn(ADA);
    asked = arrivals(site().sso, SSO_PATHS.introspection);
  });

  return async (forge) => {
    const at = site();
    const genuine = await victim.token();
    const forged = forge(genuine, at);
    expect(forged).not.toBe(genuine);
    // Every authenticated app leaves a row there.
    const state = () => at.state('sso.client_assertion');
    const before = state();
    const askedBefore = asked();

    const thief = new Browser(at);
    const answer = await thief.redeem(at.foo, forged);
    const questions = asked() - askedBefore;
    expectRefusal(answer, 'invalid-token');
    expect(await thief.sessionAt(at.foo)).toEqual({ status: 'signed out' });

    const told = await introspect(at, forged);
    expect([told.status, told.text]).toEqual([200, '{"active":false}']);
    expect(state()).toEqual(before);

    expect(await victim.sessionAt(at.foo)).toMatchObject({ status: 'signed in' });
    expect((await victim.redeem(at.foo, genuine)).status).toBe(201);
    return questions;
  };
}
