/**
 * JWTs in messages. Header and claims are shown, since the protocol has no secret in them. The signature is
 * what makes a JWT valid, so no character of it is shown: `../signatures.ts` checks it in this process.
 */
import { LOGOUT_EVENT } from '@samesite-sso/protocol';
import {
  type Findings,
  type FoundToken,
  hidden,
  identifier,
  keyText,
  knownOrigin,
  list,
  listOr,
  number,
  object,
  type Rule,
  text,
} from './rules.ts';

/** The limit of the `Exchange` schema. */
const MAX_TOKENS = 4;

/** How much of a JWT is shown: characters of its header, which reveal nothing about its signature. */
const SHOWN_CHARACTERS = 6;

/** The compact serialization (RFC 7515, section 3.1). */
const COMPACT_JWS = /^([\w-]{8,1024})\.([\w-]{2,4096})\.[\w-]*$/;

const headerRule = object({
  typ: text(60, /^[\w.+/-]+$/),
  alg: text(20, /^[\w-]+$/),
  kid: keyText,
});

const claimsRule = object({
  iss: knownOrigin,
  // The account's id, or the origin of the app that a client assertion authenticates.
  sub: (value, findings, member) =>
    (findings.origins.has(value) ? knownOrigin : identifier)(value, findings, member),
  aud: listOr(list(knownOrigin), knownOrigin),
  sid: identifier,
  jti: identifier,
  iat: number,
  nbf: number,
  exp: number,
  events: object({ [LOGOUT_EVENT]: object({}) }),
});

/** Adds a JWT to the findings and shows that there is one. Hides anything else. */
export const token: Rule = (value, findings, member) => {
  const found = typeof value === 'string' ? decodeToken(value, findings, member) : null;
  if (found === null) return hidden(value, findings, member);
  if (findings.tokens.length < MAX_TOKENS) findings.tokens.push(found);
  return `${found.jwt.slice(0, SHOWN_CHARACTERS)}…`;
};

function decodeToken(jwt: string, findings: Findings, member: string): FoundToken | null {
  const [, headerPart, claimsPart] = COMPACT_JWS.exec(jwt) ?? [];
  if (headerPart === undefined || claimsPart === undefined) return null;
  const [rawHeader, rawClaims] = [decodePart(headerPart), decodePart(claimsPart)];
  if (rawHeader === null || rawClaims === null) return null;
  return {
    member,
    rawHeader,
    issuer: Object(rawClaims).iss,
    header: headerRule(rawHeader, findings, member) as Record<string, unknown>,
    claims: claimsRule(rawClaims, findings, member) as Record<string, unknown>,
    jwt,
  };
}

function decodePart(part: string): object | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
