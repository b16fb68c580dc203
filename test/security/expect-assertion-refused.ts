/**
 * Introspects ada's genuine token without foo's client assertion. The response reveals nothing, nothing is
 * stored, and foo's own server can still redeem the token.
 */
import { SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, expect } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import { type Answer, postForm } from '../support/http.ts';
import type { Site } from '../support/site.ts';
import { corsHeaders } from './expect-refusal.ts';
import { introspect } from './introspect.ts';

export type Attempt = (token: string, at: Site) => Promise<Answer>;

/** Sends a form to the introspection endpoint. */
export function ask({ sso }: Site, form: Record<string, string> | string): Promise<Answer> {
  return postForm(sso, SSO_PATHS.introspection, form);
}

export function expectInvalidClient(answer: Answer, about?: string): void {
  expect([answer.status, answer.text], about).toEqual([401, '{"error":"invalid_client"}']);
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(corsHeaders(answer)).toEqual({});
}

/** @param site shared by all attempts of a file */
export function prepareAssertionForgery(site: () => Site) {
  let person: Browser;
  beforeAll(async () => {
    person = new Browser(site());
    await person.logIn(ADA);
  });
  const newToken = () => person.token();
  const expectRefused = async (attempt: Attempt) => {
    const at = site();
    const token = await newToken();
    const before = await at.state();
    expectInvalidClient(await attempt(token, at));
    expect(await at.state()).toEqual(before);
    expect((await introspect(at, token)).body).toMatchObject({ active: true, username: 'ada' });
  };
  return { newToken, expectRefused };
}
