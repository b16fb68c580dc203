/**
 * What a route may demand of the app session: a recent sign-in, two factors, or a group. A page answers
 * `insufficient-user-authentication` in place, by a new sign-in (`stepUp` in `packages/browser`).
 */
import { HttpProblem } from '@samesite-sso/core';
import { CLOCK_TOLERANCE_SECONDS, countFactors, GroupName, jsonObject } from '@samesite-sso/protocol';
import * as v from 'valibot';
import type { AppSession, StoredAppSession } from './storage/app-store.ts';

export interface SessionDemands {
  /** The person signed in at most this many seconds ago. */
  maxAge?: number;
  /** The person signed in with this many factors. A passkey counts as two. */
  factors?: 1 | 2;
  /** The account was in this group at the session's last step 4. */
  group?: string;
}

/** Strict: a misspelled demand, or one that an unset setting leaves undefined, would protect nothing. */
const Demands = v.pipe(
  jsonObject,
  v.strictObject({
    maxAge: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
    factors: v.exactOptional(v.picklist([1, 2])),
    group: v.exactOptional(GroupName),
  }),
);

/** @throws {TypeError} if the demands aren't as {@link SessionDemands} says */
export function validateDemands(demands: SessionDemands): void {
  const { success, issues } = v.safeParse(Demands, demands);
  if (success) return;
  const [{ type, expected, message, path }] = issues;
  if (path === undefined) throw new TypeError('requireSession: the demands must be an object');
  const isUnknown = type === 'strict_object' && expected === 'never';
  const reason = isUnknown ? 'unknown demand; expected one of maxAge, factors, group' : message;
  throw new TypeError(`requireSession: ${path.map(({ key }) => key).join('.')}: ${reason}`);
}

/**
 * @param stored the session, as the store returned it
 * @throws {HttpProblem} `not-permitted` or `insufficient-user-authentication`
 */
export function enforceDemands(stored: StoredAppSession, demands: SessionDemands, now: number): void {
  const { maxAge, factors = 1, group } = demands;
  const session = toAppSession(stored);
  const isKnown = [stored.authenticatedAt, stored.amr, stored.groups].every((value) => value !== undefined);
  if (!isKnown && Object.keys(demands).length > 0) {
    throw new Error(
      "requireSession: the app's store returns no authenticatedAt, amr and groups with a session. It must " +
        'store and return them (see AppSession) before a route can demand maxAge, factors or group.',
    );
  }
  if (group !== undefined && !session.groups.includes(group)) {
    throw new HttpProblem('not-permitted', { logReason: `the account isn't in the group ${group}` });
  }
  // The time is the SSO service's: the clocks of the two servers may differ.
  const ageMs = now - session.authenticatedAt - CLOCK_TOLERANCE_SECONDS * 1000;
  const isRecent = maxAge === undefined || ageMs <= maxAge * 1000;
  if (isRecent && countFactors(session.amr) >= factors) return;
  throw new HttpProblem('insufficient-user-authentication', {
    members: { ...(maxAge !== undefined && { maxAge }), ...(factors > 1 && { factors }) },
    headers: { 'WWW-Authenticate': challenge(maxAge) },
  });
}

/**
 * RFC 9470, section 3. Its parameter for the kind of sign-in, `acr_values`, names classes that this protocol
 * doesn't have, so the number of factors is in the response's body alone.
 */
function challenge(maxAge: number | undefined): string {
  const parameters = [
    'error="insufficient_user_authentication"',
    'error_description="A stronger or a more recent sign-in is required"',
    ...(maxAge === undefined ? [] : [`max_age="${maxAge}"`]),
  ];
  return `Bearer ${parameters.join(', ')}`;
}

/** Fills in the weakest values for what the store doesn't know. */
export function toAppSession(session: StoredAppSession): AppSession {
  const { authenticatedAt, amr, groups } = session;
  return { ...session, authenticatedAt: authenticatedAt ?? 0, amr: amr ?? ['pwd'], groups: groups ?? [] };
}
