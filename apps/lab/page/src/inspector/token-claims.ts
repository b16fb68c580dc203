/** Describes the members of decoded tokens, with times in a readable form. Pure. */
import type { ReportedToken } from '../../../exchange/exchange.ts';
import { formatSeconds } from './format-duration.ts';

export interface Member {
  /** As JSON, like the value. */
  name: string;
  value: string;
  note: string;
}

/** The members of RFC 7515 and RFC 7519, and those that this site's tokens add. */
const notes: Record<string, string> = {
  alg: 'The signature algorithm, which must be on the verifier’s own list.',
  typ: 'The kind of token, so that no other kind is accepted in its place.',
  kid: 'Which of the signer’s published keys verifies the signature.',
  iss: 'Who signed the token.',
  aud: 'Who may accept the token; everyone else must refuse it.',
  sub: 'Whom the token is about: an account, or the app itself.',
  sid: 'The SSO session: a public identifier, never the cookie’s value.',
  jti: 'This token’s own identifier, so that it is accepted only once.',
  iat: 'Issued',
  nbf: 'Not valid before',
  exp: 'Expires',
  session_exp: 'The SSO session ends at the latest',
  events: 'Marks this as a logout token.',
};

const TIMES = ['iat', 'nbf', 'exp', 'session_exp'];

/** @param timeZone the visitor's own by default */
export function describeMembers(members: ReportedToken['claims'], timeZone?: string): Member[] {
  const issuedAt = typeof members['iat'] === 'number' ? members['iat'] : null;
  return Object.entries(members).map(([name, value]) => ({
    name: JSON.stringify(name),
    value: JSON.stringify(value, null, 2),
    note: describeMember(name, value, issuedAt, timeZone),
  }));
}

function describeMember(name: string, value: unknown, issuedAt: number | null, timeZone?: string): string {
  const note = (Object.hasOwn(notes, name) && notes[name]) || '';
  if (!TIMES.includes(name) || typeof value !== 'number') return note;
  const time = formatTime(value * 1000, timeZone);
  const isLater = name !== 'iat' && issuedAt !== null;
  return `${note} ${time}${isLater ? `, ${formatSeconds(value - issuedAt)} after it was issued` : ''}.`;
}

/** `2026-11-22 14:03:12`. */
function formatTime(atMs: number, timeZone?: string): string {
  // Sweden writes dates as ISO 8601 does.
  return new Date(atMs).toLocaleString('sv-SE', timeZone ? { timeZone } : undefined);
}

export const signatureTexts: Record<ReportedToken['signature'], string> = {
  valid: 'The signature is valid: the reporting server checked it with the signer’s published key.',
  invalid: 'The signature is invalid: the signer’s published key didn’t sign this content.',
  'unknown-key':
    'The signature wasn’t checked: the published keys couldn’t be read, or the key isn’t among them.',
};
