/** Authentication tokens in SQLite: the guarantees are those of `TokenStore`. */
import type { Database } from '@samesite-sso/service';
import type { TokenStore } from '../stores.ts';

export function sqliteTokens(database: Database): TokenStore {
  const { sqlite } = database;
  const issue = sqlite.prepare(
    `INSERT INTO authentication_token (hash, app, sid, expires_at)
     SELECT :hash, :app, sid, :expiresAt FROM sso_session WHERE sid = :sid`,
  );
  // One statement finds, checks and spends: between a check and a later mark a second caller would slip in.
  const redeem = sqlite.prepare<unknown[], { sid: string }>(
    `UPDATE authentication_token SET redeemed_at = :now
     WHERE hash = :hash AND app = :app AND redeemed_at IS NULL AND expires_at > :now
       AND EXISTS (
         SELECT 1 FROM sso_session
         WHERE sid = authentication_token.sid AND ends_at > :now AND last_seen_at > :idleSince
       )
     RETURNING sid`,
  );

  return {
    issue: (token) => database.run(() => issue.run(token).changes === 1),
    redeem: (hash, app, at) => database.run(() => redeem.get({ hash, app, ...at })?.sid ?? null),
  };
}
