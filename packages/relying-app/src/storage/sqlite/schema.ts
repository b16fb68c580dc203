/**
 * The schema, as migrations in order: forward only, each run once and never edited after release.
 * `secret_hash` is the SHA-256 of a session token. Times are milliseconds since the epoch.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE app_session (
    secret_hash BLOB NOT NULL UNIQUE,
    sid TEXT NOT NULL,
    account_id TEXT NOT NULL,
    username TEXT NOT NULL,
    display_name TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX app_session_by_end ON app_session (ends_at);
  `,
  `
  CREATE INDEX app_session_of_sso_session ON app_session (sid);

  CREATE TABLE logout_token (
    jti TEXT NOT NULL UNIQUE,
    sid TEXT NOT NULL,
    received_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX logout_token_of_sso_session ON logout_token (sid);
  CREATE INDEX logout_token_by_time ON logout_token (received_at);
  `,
  // AUTOINCREMENT never reuses the id of a deleted row, so each process can read on from the last id it saw.
  `
  CREATE TABLE ended_session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sid TEXT NOT NULL,
    ended_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX ended_session_by_time ON ended_session (ended_at);
  `,
  // Sign-outs from the whole site: step 4 refuses the `sid` until its SSO session is over, and `told_at` says
  // when the SSO service was notified. Sessions from before this migration lack the latest end of their SSO
  // session; 30 days is longer than any. A sign-out may arrive with a cookie that a renewal has just
  // replaced, so `replaced_session` keeps that cookie's `sid`.
  `
  ALTER TABLE app_session ADD COLUMN sso_ends_at INTEGER NOT NULL DEFAULT 0;
  UPDATE app_session SET sso_ends_at = started_at + 2592000000;

  CREATE TABLE site_sign_out (
    sid TEXT NOT NULL UNIQUE,
    ends_at INTEGER NOT NULL,
    claimed_until INTEGER NOT NULL DEFAULT 0,
    told_at INTEGER
  ) STRICT;
  CREATE INDEX site_sign_out_by_end ON site_sign_out (ends_at);
  CREATE INDEX site_sign_out_untold ON site_sign_out (claimed_until) WHERE told_at IS NULL;

  CREATE TABLE replaced_session (
    secret_hash BLOB NOT NULL UNIQUE,
    sid TEXT NOT NULL,
    sso_ends_at INTEGER NOT NULL,
    replaced_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX replaced_session_by_time ON replaced_session (replaced_at);
  `,
  // Only tokens issued until the logout are refused, so that an app that was removed from the registry works
  // at once when it is added again. Logouts of earlier versions have no `issued_at`, and refuse every token.
  'ALTER TABLE logout_token ADD COLUMN issued_at INTEGER',
  // What a redeemed token says of the sign-in. Sessions from before this migration get the weakest values: an
  // app that requires more makes the person sign in again. Every logout of their `sid` ends them.
  `
  ALTER TABLE app_session ADD COLUMN authenticated_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE app_session ADD COLUMN amr TEXT NOT NULL DEFAULT 'pwd';
  ALTER TABLE app_session ADD COLUMN group_names TEXT NOT NULL DEFAULT '';
  ALTER TABLE app_session ADD COLUMN token_issued_at INTEGER NOT NULL DEFAULT 0;
  `,
];
