/**
 * Groups, factors and invitations. A session from before this migration was signed in with a password when it
 * started. `access_review` lists accounts that left a group, until their access to apps has been checked.
 *
 * `replaced_token_hash` is of the token that a session had before its latest renewal. It signs nobody in. A
 * browser that missed the response of the renewal still has it, and can sign out or sign in again with it.
 *
 * `lost_token_at` is when an app that lost its access to the session got its last token. `weakest_amr` is of
 * the sign-in with the fewest factors of which the app has redeemed a token; before this migration, each had
 * one factor. Where the time of the last token is unknown, it may have been issued just now: apps end only
 * sessions of tokens that are no newer than the logout token.
 */
export const FACTORS_AND_GROUPS = `
  ALTER TABLE sso_session ADD COLUMN authenticated_at INTEGER NOT NULL DEFAULT 0;
  UPDATE sso_session SET authenticated_at = started_at;
  ALTER TABLE sso_session ADD COLUMN amr TEXT NOT NULL DEFAULT 'pwd';
  ALTER TABLE sso_session ADD COLUMN lost_token_at INTEGER;
  ALTER TABLE sso_session ADD COLUMN replaced_token_hash BLOB;
  CREATE INDEX sso_session_by_replaced_token ON sso_session (replaced_token_hash)
    WHERE replaced_token_hash IS NOT NULL;
  ALTER TABLE session_app ADD COLUMN weakest_amr TEXT;
  UPDATE session_app SET last_issued_at = unixepoch() * 1000 WHERE last_issued_at = 0;
  UPDATE logout_notice SET issued_at = unixepoch() * 1000 WHERE issued_at = 0;
  ALTER TABLE authentication_token ADD COLUMN session_token_hash BLOB;

  CREATE TABLE account_group (
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    UNIQUE (account_id, name)
  ) STRICT;
  CREATE INDEX account_group_by_name ON account_group (name, account_id);
  CREATE TABLE access_review (
    account_id TEXT NOT NULL UNIQUE
  ) STRICT;

  ALTER TABLE account ADD COLUMN user_handle BLOB;
  CREATE UNIQUE INDEX account_by_user_handle ON account (user_handle);
  CREATE TABLE passkey (
    credential_id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    rp_id TEXT NOT NULL,
    public_key BLOB NOT NULL,
    counter INTEGER NOT NULL,
    transports TEXT NOT NULL,
    is_backup_eligible INTEGER NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER
  ) STRICT;
  CREATE INDEX passkey_of_account ON passkey (account_id, created_at);
  CREATE TABLE spent_challenge (
    hash BLOB NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX spent_challenge_by_expiry ON spent_challenge (expires_at);

  CREATE TABLE authenticator (
    account_id TEXT NOT NULL UNIQUE REFERENCES account (id) ON DELETE CASCADE,
    sealed_secret TEXT NOT NULL,
    last_step INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE pending_authenticator (
    sid TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    sealed_secret TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX pending_authenticator_of_account ON pending_authenticator (account_id);
  CREATE INDEX pending_authenticator_by_expiry ON pending_authenticator (expires_at);
  CREATE TABLE recovery_code (
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    hash BLOB NOT NULL,
    UNIQUE (account_id, hash)
  ) STRICT;
  CREATE TABLE factor_change (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    detail TEXT,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX factor_change_of_account ON factor_change (account_id, at);
  CREATE INDEX factor_change_by_time ON factor_change (at);

  CREATE TABLE invitation (
    account_id TEXT NOT NULL UNIQUE REFERENCES account (id) ON DELETE CASCADE,
    secret_hash BLOB NOT NULL UNIQUE,
    expires_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX invitation_by_expiry ON invitation (expires_at);

  CREATE TABLE service_secret (
    name TEXT NOT NULL UNIQUE,
    value TEXT NOT NULL
  ) STRICT;
  `;
