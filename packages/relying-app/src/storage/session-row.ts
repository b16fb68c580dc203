/** The columns of an app session that both backends store alike. */
import type { Account, AuthenticationMethods } from '@samesite-sso/protocol';
import type { AppSession, NewAppSession } from './app-store.ts';

export type SessionRow = Account &
  Omit<AppSession, 'account' | 'amr' | 'groups'> & { amr: string; groupNames: string };

/** No method of authentication and no group contains a space. */
const SEPARATOR = ' ';

export function toSession({
  id,
  username,
  displayName,
  amr,
  groupNames,
  ...session
}: SessionRow): AppSession {
  return {
    account: { id, username, displayName },
    ...session,
    amr: amr.split(SEPARATOR) as AuthenticationMethods,
    groups: groupNames === '' ? [] : groupNames.split(SEPARATOR),
  };
}

/** The values of a new row. */
export function toRow({ account, amr, groups, ...session }: NewAppSession) {
  return { ...session, ...account, amr: amr.join(SEPARATOR), groupNames: groups.join(SEPARATOR) };
}

/** The columns that {@link toSession} needs, by their names there. */
export const SESSION_COLUMNS = `account_id AS id, username, display_name AS "displayName", sid,
  started_at AS "startedAt", ends_at AS "endsAt",
  authenticated_at AS "authenticatedAt", amr, group_names AS "groupNames"`;
