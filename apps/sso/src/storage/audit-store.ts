/**
 * What the audit trail tells: who did what from where. Never a secret, nor anything typed that may be one: a
 * failed login names its account only if there is one, since people type their password as their username.
 */

/** What can happen: the closed list, in the order of a session's life. */
export const AUDIT_KINDS = [
  'login succeeded',
  'login failed',
  'login throttled',
  'login overloaded',
  'throttle lifted',
  'session started',
  'session ended',
  'token issued',
  'token redeemed',
  'token refused',
  'logout delivered',
  'logout given up',
  'password changed',
  'account added',
  'account renamed',
  'account disabled',
  'account enabled',
  'account removed',
  'key rotated',
  'key retired',
  'database copied',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** Why an SSO session ended. */
export type EndReason =
  | 'signed out'
  | 'replaced by a new login'
  | 'one of too many'
  | 'ended by its person'
  | 'ended by an operator'
  | 'password changed'
  | 'account disabled'
  | 'account removed'
  | 'unused for too long'
  | 'reached its latest end';

export interface AuditEvent {
  kind: AuditKind;
  accountId?: string | null;
  sid?: string;
  /** Origin of the app that it is about. */
  app?: string;
  /** Why, in a few words. */
  detail?: string;
}

/** An event as it was recorded: with its act, and the username as it was then. */
export interface AuditRecord {
  id: number;
  at: number;
  kind: AuditKind;
  actor: string;
  address: string | null;
  accountId: string | null;
  username: string | null;
  sid: string | null;
  app: string | null;
  detail: string | null;
}

export interface AuditFilter {
  /** An account's id, or its username, or what that was once. */
  account?: string;
  kind?: AuditKind;
  /** Milliseconds since the epoch; `since` included, `until` not. */
  since?: number;
  until?: number;
  /** At most so many, the newest. */
  limit: number;
}
