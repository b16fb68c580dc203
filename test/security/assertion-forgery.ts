/**
 * What somebody meets who asks the service about ada's genuine token and does not prove to be foo. Nobody is told
 * anything, nothing is noted, and foo's own server still learns who the token stands for.
 */
import { SSO_PATHS } from '@samesite-sso/protocol';
import { beforeAll, expect } from 'vitest';
import { ADA, Browser } from '../support/browser.ts';
import { type Answer, postForm } from '../support/http.ts';
import type { Site } from '../support/site.ts';
import { introspect } from './introspection.ts';
import { corsHeaders } from './refused.ts';

export type Asking = (token: string, at: Site) => Promise<Answer>;

/** Asks the service as the form says. */
export function ask({ sso }: Site, form: Record<string, string> | string): Promise<Answer> {
  return postForm(sso, SSO_PATHS.introspection, form);
}

export function expectInvalidClient(answer: Answer, about?: string): void {
  expect([answer.status, answer.text], about).toEqual([401, '{"error":"invalid_client"}']);
  expect(answer.headers['set-cookie']).toBeUndefined();
  expect(corsHeaders(answer)).toEqual({});
}

/** @param site what all attempts of a file are made at */
export function assertionTrial(site: () => Site): {
  newToken: () => Promise<string>;
  expectRefused: (asking: Asking) => Promise<void>;
} {
  let person: Browser;
  beforeAll(async () => {
    person = new Browser(site());
    await person.logIn(ADA);
  });
  const newToken = () => person.token();
  const expectRefused = async (asking: Asking) => {
    const at = site();
    const token = await newToken();
    const before = at.state();
    expectInvalidClient(await asking(token, at));
    expect(at.state()).toEqual(before);
    expect((await introspect(at, token)).body).toMatchObject({ active: true, username: 'ada' });
  };
  return { newToken, expectRefused };
}
