/** The service's signing keys beside its stores. `@samesite-sso/core` has their rules. */
import type { KeyEvent, KeyStore } from '@samesite-sso/core';
import type { AuditContext, AuditEvent } from './audit-store.ts';

/**
 * @param context for the audit record of a change; null for a service that starts, which only creates the
 *   first key
 */
export type OpenSigningKeys = (context: AuditContext | null) => KeyStore;

export function toKeyRecord(event: KeyEvent, context: AuditContext | null) {
  if (context === null) throw new Error('nobody is named as the actor of this change of the keys');
  return { event: toAuditEvent(event), context };
}

function toAuditEvent(event: KeyEvent): AuditEvent {
  switch (event.kind) {
    case 'rotated':
      return { kind: 'key rotated', detail: event.immediate ? `${event.kid}, at once` : event.kid };
    case 'retired':
      return { kind: 'key retired', detail: event.kid };
    case 'resealed':
      return { kind: 'keys resealed', detail: `${event.resealed} of ${event.total}` };
  }
}
