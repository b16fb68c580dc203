/**
 * The audit trail: who did what, from where. It never contains a secret or unchecked input: people type their
 * password into the username field, so a failed login names its account only if that account exists.
 */
import type { Pages } from './pages.ts';

/** Everything that is recorded, in the order of a session's life. */
export const AUDIT_KINDS = [
  'login succeeded',
  'login failed',
  'login throttled',
  'login overloaded',
  'throttle lifted',
  'session started',
  'session reauthenticated',
  'session ended',
  'token issued',
  'token redeemed',
  'token refused',
  'app access ended',
  'logout delivered',
  'logout given up',
  'password changed',
  'passkey added',
  'passkey removed',
  'passkey refused',
  'authenticator added',
  'authenticator removed',
  'recovery codes replaced',
  'recovery code used',
  'invitation created',
  'invitation accepted',
  'group joined',
  'group left',
  'account added',
  'account renamed',
  'account disabled',
  'account enabled',
  'account removed',
  'key rotated',
  'key retired',
  'keys resealed',
  'database copied',
  'database moved',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/** Why an SSO session ended. */
export type EndReason =
  | 'signed out'
  | 'replaced by a new login'
  | 'too many sessions'
  | 'ended on the account page'
  | 'ended by an operator'
  | 'password changed'
  | 'second factor added'
  | 'second factor removed'
  | 'recovery codes replaced'
  | 'invitation accepted'
  | 'account disabled'
  | 'account removed'
  | 'idle timeout'
  | 'maximum lifetime';

/**
 * The actor, time and address of a change. Every function that makes a change on somebody's behalf takes one
 * and writes the audit record in the same transaction, so no change lacks its record.
 */
export interface AuditContext {
  at: number;
  /** `person`, `service`, an app's origin, or `operator` and the name of the system's user. */
  actor: string;
  /** The IP address that the request came from; null without a request. */
  address: string | null;
}

export interface AuditEvent {
  kind: AuditKind;
  accountId?: string | null;
  sid?: string;
  /** The origin of the app. */
  app?: string;
  /** Why, in a few words. */
  detail?: string;
}

/** An event as recorded, with the username at that time. */
export interface AuditRecord extends AuditContext {
  id: number;
  kind: AuditKind;
  accountId: string | null;
  username: string | null;
  sid: string | null;
  app: string | null;
  detail: string | null;
}

export interface AuditFilter {
  /** An account's id, or its present or former username. */
  account?: string;
  kind?: AuditKind;
  /** Milliseconds since the epoch, inclusive. */
  since?: number;
  /** Milliseconds since the epoch, exclusive. */
  until?: number;
  /** The maximum number of records; the newest ones match. */
  limit: number;
}

/** Records are added, and purged when they are old. They never change. */
export interface AuditStore {
  add(event: AuditEvent, context: AuditContext): Promise<void>;
  /** Adds all records or none. */
  addAll(records: readonly { event: AuditEvent; context: AuditContext }[]): Promise<void>;
  /**
   * The newest records that match when reading begins, in the order of their ids. Instances number records as
   * they write them, but commit in any order: one that is being written at that moment is missing, even if
   * others with higher ids are there. So a copy of the trail is continued from an earlier time, not from its
   * last id.
   */
  pages(filter: AuditFilter): Pages<AuditRecord>;
}
