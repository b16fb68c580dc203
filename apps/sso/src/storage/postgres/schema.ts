import { SIGNING_KEY_TABLE } from '@samesite-sso/core';
import { FACTORS_AND_GROUPS } from './factors-schema.ts';

/**
 * The schema as a list of migrations: forward only, each run once and never edited after its release. A
 * running instance of the previous version goes on beside a migrated database, so a migration only adds; what
 * a version stops using, a later one removes.
 *
 * Tables and columns have the names of the newest SQLite schema. `token_hash` is the SHA-256 of a session
 * token. Times are milliseconds since the epoch. Text sorts by its bytes (`COLLATE "C"`): the order of a
 * locale changes with the system's libraries, and then its indexes are wrong. Each table has a primary key,
 * since logical replication deletes nothing without one. An `id` of a sequence says in which order rows were
 * inserted, not in which they were committed.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE account (
    id text COLLATE "C" PRIMARY KEY,
    username text COLLATE "C" NOT NULL,
    username_key text COLLATE "C" NOT NULL CONSTRAINT account_username_key UNIQUE,
    display_name text COLLATE "C" NOT NULL,
    password_hash text COLLATE "C" NOT NULL,
    password_version bigint NOT NULL DEFAULT 1,
    is_imported boolean NOT NULL DEFAULT FALSE,
    created_at bigint NOT NULL,
    disabled_at bigint
  );
  CREATE INDEX account_by_username ON account (username);

  CREATE TABLE sso_session (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sid text COLLATE "C" NOT NULL UNIQUE,
    token_hash bytea NOT NULL UNIQUE,
    account_id text COLLATE "C" NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    started_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    address text COLLATE "C",
    user_agent text COLLATE "C" NOT NULL,
    device text COLLATE "C"
  );
  CREATE INDEX sso_session_of_account_by_last_seen ON sso_session (account_id, last_seen_at, id);
  CREATE INDEX sso_session_by_last_seen ON sso_session (last_seen_at, id);
  CREATE INDEX sso_session_by_end ON sso_session (ends_at, id);

  CREATE TABLE session_app (
    id bigint GENERATED ALWAYS AS IDENTITY,
    sid text COLLATE "C" NOT NULL REFERENCES sso_session (sid) ON DELETE CASCADE,
    app text COLLATE "C" NOT NULL,
    has_redeemed boolean NOT NULL DEFAULT FALSE,
    last_issued_at bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (sid, app)
  );
  CREATE INDEX session_app_of_app ON session_app (app, sid);

  CREATE TABLE authentication_token (
    hash bytea PRIMARY KEY,
    app text COLLATE "C" NOT NULL,
    sid text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    redeemed_at bigint
  );
  CREATE INDEX authentication_token_by_expiry ON authentication_token (expires_at);

  CREATE TABLE client_assertion (
    app text COLLATE "C" NOT NULL,
    jti_hash bytea NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (app, jti_hash)
  );
  CREATE INDEX client_assertion_by_expiry ON client_assertion (expires_at);

  CREATE TABLE login_failure (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username_hash bytea NOT NULL,
    address text COLLATE "C" NOT NULL,
    failed_at bigint NOT NULL
  );
  CREATE INDEX login_failure_of_account ON login_failure (username_hash, address, failed_at);
  CREATE INDEX login_failure_of_address ON login_failure (address, failed_at);
  CREATE INDEX login_failure_by_time ON login_failure (failed_at);

  CREATE TABLE logout_notice (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    app text COLLATE "C" NOT NULL,
    sid text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    ended_by_time boolean NOT NULL,
    turn bigint NOT NULL DEFAULT 0,
    attempts bigint NOT NULL DEFAULT 0,
    issued_at bigint NOT NULL DEFAULT 0,
    due_at bigint NOT NULL,
    give_up_at bigint NOT NULL
  );
  CREATE INDEX logout_notice_by_end ON logout_notice (give_up_at);
  CREATE INDEX logout_notice_by_turn ON logout_notice (app, ended_by_time, turn, due_at, id);
  CREATE INDEX logout_notice_of_account ON logout_notice (app, account_id, turn) WHERE NOT ended_by_time;

  CREATE TABLE delivery_lease (
    app text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C" NOT NULL,
    leased_until bigint NOT NULL
  );

  CREATE TABLE audit_record (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    act_by text COLLATE "C" NOT NULL,
    address text COLLATE "C",
    account_id text COLLATE "C",
    username text COLLATE "C",
    sid text COLLATE "C",
    app text COLLATE "C",
    detail text COLLATE "C"
  );
  CREATE INDEX audit_record_by_time ON audit_record (at);
  CREATE FUNCTION refuse_change_of_audit_record() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'an audit record is never changed';
  END
  $$;
  CREATE TRIGGER audit_record_is_final BEFORE UPDATE ON audit_record
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit_record();

  CREATE TABLE loaded_registry (
    instance text COLLATE "C" PRIMARY KEY,
    apps text COLLATE "C" NOT NULL,
    loaded_at bigint NOT NULL,
    seen_at bigint NOT NULL
  );

  CREATE TABLE app_server (
    app text COLLATE "C" PRIMARY KEY,
    server text COLLATE "C" NOT NULL,
    loaded_at bigint NOT NULL
  );

  ${SIGNING_KEY_TABLE};
  `,
  FACTORS_AND_GROUPS,
];
