import { FACTORS_AND_GROUPS } from './factors-schema.ts';
import { VISIBLE_USERNAME_KEYS } from './visible-username-keys.ts';

/**
 * The schema as a list of migrations: forward only, each run once and never edited after its release. Tables
 * use a sequential rowid and unique indexes, because random primary keys halve the rate of inserts.
 * `secret_hash` is the SHA-256 of a session token. Times are milliseconds since the epoch.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE account (
    id TEXT NOT NULL UNIQUE,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE sso_session (
    sid TEXT NOT NULL UNIQUE,
    secret_hash BLOB NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    started_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX sso_session_of_account ON sso_session (account_id);
  CREATE INDEX sso_session_by_last_seen ON sso_session (last_seen_at);
  CREATE INDEX sso_session_by_end ON sso_session (ends_at);

  CREATE TABLE authentication_token (
    hash BLOB NOT NULL UNIQUE,
    app TEXT NOT NULL,
    sid TEXT NOT NULL REFERENCES sso_session (sid) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    redeemed_at INTEGER
  ) STRICT;
  CREATE INDEX authentication_token_of_session ON authentication_token (sid);
  CREATE INDEX authentication_token_by_expiry ON authentication_token (expires_at);

  CREATE TABLE client_assertion (
    app TEXT NOT NULL,
    jti TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (app, jti)
  ) STRICT;
  CREATE INDEX client_assertion_by_expiry ON client_assertion (expires_at);

  CREATE TABLE login_failure (
    username_hash BLOB NOT NULL,
    address TEXT NOT NULL,
    failed_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX login_failure_of_account ON login_failure (username_hash, address, failed_at);
  CREATE INDEX login_failure_of_address ON login_failure (address, failed_at);
  CREATE INDEX login_failure_by_time ON login_failure (failed_at);
  `,

  // Single logout, the audit trail, and account management.
  `
  ALTER TABLE account ADD COLUMN password_version INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE account ADD COLUMN disabled_at INTEGER;
  ALTER TABLE sso_session ADD COLUMN address TEXT;
  ALTER TABLE sso_session ADD COLUMN user_agent TEXT NOT NULL DEFAULT '';

  CREATE TABLE session_app (
    sid TEXT NOT NULL REFERENCES sso_session (sid) ON DELETE CASCADE,
    app TEXT NOT NULL,
    UNIQUE (sid, app)
  ) STRICT;
  INSERT INTO session_app (sid, app) SELECT DISTINCT sid, app FROM authentication_token;

  CREATE TABLE logout_notice (
    id INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    sid TEXT NOT NULL,
    account_id TEXT NOT NULL,
    ended_by_time INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    give_up_at INTEGER NOT NULL,
    UNIQUE (sid, app)
  ) STRICT;
  CREATE INDEX logout_notice_of_app ON logout_notice (app, ended_by_time, due_at);
  CREATE INDEX logout_notice_by_end ON logout_notice (give_up_at);

  CREATE TABLE audit_record (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    act_by TEXT NOT NULL,
    address TEXT,
    account_id TEXT,
    username TEXT,
    sid TEXT,
    app TEXT,
    detail TEXT
  ) STRICT;
  CREATE INDEX audit_record_by_time ON audit_record (at);
  CREATE INDEX audit_record_by_kind ON audit_record (kind, at);
  CREATE INDEX audit_record_of_account ON audit_record (account_id, at);
  CREATE TRIGGER audit_record_is_final BEFORE UPDATE ON audit_record
  BEGIN
    SELECT RAISE(ABORT, 'an audit record is never changed');
  END;
  `,

  // A capital ẞ now folds like ß. An account whose new key is taken keeps its old one.
  `
  UPDATE OR IGNORE account SET username_key = replace(username_key, 'ß', 'ss');
  `,

  // Another system may have hashed the password as typed. Hashes that were imported earlier with our
  // parameters can't be distinguished from ours; they still match passwords that NFKC doesn't change.
  `
  ALTER TABLE account ADD COLUMN is_imported INTEGER NOT NULL DEFAULT 0;
  UPDATE account SET is_imported = 1 WHERE password_hash NOT GLOB '$argon2id$v=19$m=19456,t=2,p=1$*';
  `,

  // Bounded slices: one index serves an account's newest sessions, their count, and the foreign key. The
  // device is parsed once, at sign-in, and is NULL for older sessions. Logout notices take turns by account.
  `
  ALTER TABLE sso_session ADD COLUMN device TEXT;
  CREATE INDEX sso_session_of_account_by_last_seen ON sso_session (account_id, last_seen_at, ends_at);
  DROP INDEX sso_session_of_account;

  ALTER TABLE logout_notice ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX logout_notice_by_turn ON logout_notice (app, ended_by_time, turn, due_at);
  CREATE INDEX logout_notice_of_account ON logout_notice (app, account_id, ended_by_time, turn);
  DROP INDEX logout_notice_of_app;
  `,

  // Ending a session no longer deletes its tokens, which can be many. A token without its session can't be
  // redeemed, and is purged after it expires.
  `
  CREATE TABLE token (
    hash BLOB NOT NULL UNIQUE,
    app TEXT NOT NULL,
    sid TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    redeemed_at INTEGER
  ) STRICT;
  INSERT INTO token SELECT hash, app, sid, expires_at, redeemed_at FROM authentication_token;
  DROP TABLE authentication_token;
  ALTER TABLE token RENAME TO authentication_token;
  CREATE INDEX authentication_token_by_expiry ON authentication_token (expires_at);
  `,

  // An app's server may end an SSO session from which it has redeemed a token; tokens themselves are purged.
  // For older sessions, assume that every issued token was redeemed.
  `
  ALTER TABLE session_app ADD COLUMN has_redeemed INTEGER NOT NULL DEFAULT 0;
  UPDATE session_app SET has_redeemed = 1;
  `,

  VISIBLE_USERNAME_KEYS,

  // The registry as the running service read it, so that the command line can compare it with the file.
  `
  CREATE TABLE loaded_registry (
    instance TEXT NOT NULL UNIQUE,
    apps TEXT NOT NULL,
    loaded_at INTEGER NOT NULL
  ) STRICT;
  `,

  // Ending a session writes fewer pages without these indexes. No query used the two of the audit trail, and
  // only notices of sessions that somebody ended take turns by account.
  `
  DROP INDEX audit_record_by_kind;
  DROP INDEX audit_record_of_account;
  DROP INDEX logout_notice_of_account;
  UPDATE logout_notice SET turn = 0 WHERE ended_by_time = 1;
  CREATE INDEX logout_notice_of_account ON logout_notice (app, account_id, turn) WHERE ended_by_time = 0;
  `,

  // An app may lose its access to a session and get it again, so a session may leave two notices for one app.
  // No id is used twice: the first delivery may be reported after the second notice exists.
  `
  ALTER TABLE session_app ADD COLUMN last_issued_at INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX session_app_of_app ON session_app (app);

  CREATE TABLE notice (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    app TEXT NOT NULL,
    sid TEXT NOT NULL,
    account_id TEXT NOT NULL,
    ended_by_time INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    give_up_at INTEGER NOT NULL,
    turn INTEGER NOT NULL DEFAULT 0,
    issued_at INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO notice (id, app, sid, account_id, ended_by_time, attempts, due_at, give_up_at, turn)
  SELECT id, app, sid, account_id, ended_by_time, attempts, due_at, give_up_at, turn FROM logout_notice;
  DROP TABLE logout_notice;
  ALTER TABLE notice RENAME TO logout_notice;
  CREATE INDEX logout_notice_by_end ON logout_notice (give_up_at);
  CREATE INDEX logout_notice_by_turn ON logout_notice (app, ended_by_time, turn, due_at);
  CREATE INDEX logout_notice_of_account ON logout_notice (app, account_id, turn) WHERE ended_by_time = 0;

  CREATE TABLE delivery_lease (
    app TEXT NOT NULL UNIQUE,
    holder TEXT NOT NULL,
    leased_until INTEGER NOT NULL
  ) STRICT;

  ALTER TABLE loaded_registry ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE app_server (
    app TEXT NOT NULL UNIQUE,
    server TEXT NOT NULL,
    loaded_at INTEGER NOT NULL
  ) STRICT;
  INSERT OR REPLACE INTO app_server
  SELECT value ->> 'origin', value ->> 'server', loaded_at FROM loaded_registry, json_each(apps);
  `,
  FACTORS_AND_GROUPS,
];
