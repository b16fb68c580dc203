/**
 * The schema in PostgreSQL, as migrations in order: forward only, each run once and never edited after
 * release. Instances of the previous version go on beside a migrated database, so a migration only adds.
 * Times are milliseconds since the epoch. `storage/sqlite/schema.ts` says what the tables are for.
 */
import { SIGNING_KEY_TABLE } from '@samesite-sso/core';

export const MIGRATIONS: readonly string[] = [
  // `ended_in` is the transaction that ended the session: see `ended-sessions.ts`.
  `
  CREATE TABLE app_session (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    sid text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    username text COLLATE "C" NOT NULL,
    display_name text COLLATE "C" NOT NULL,
    started_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    sso_ends_at bigint NOT NULL
  );
  CREATE INDEX app_session_by_end ON app_session (ends_at);
  CREATE INDEX app_session_of_sso_session ON app_session (sid, id);

  CREATE TABLE replaced_session (
    token_hash bytea PRIMARY KEY,
    sid text COLLATE "C" NOT NULL,
    sso_ends_at bigint NOT NULL,
    replaced_at bigint NOT NULL
  );
  CREATE INDEX replaced_session_by_time ON replaced_session (replaced_at);

  CREATE TABLE logout_token (
    jti text COLLATE "C" PRIMARY KEY,
    sid text COLLATE "C" NOT NULL,
    issued_at bigint NOT NULL,
    received_at bigint NOT NULL
  );
  CREATE INDEX logout_token_of_sso_session ON logout_token (sid);
  CREATE INDEX logout_token_by_time ON logout_token (received_at);

  CREATE TABLE site_sign_out (
    sid text COLLATE "C" PRIMARY KEY,
    ends_at bigint NOT NULL,
    claimed_until bigint NOT NULL DEFAULT 0,
    told_at bigint
  );
  CREATE INDEX site_sign_out_by_end ON site_sign_out (ends_at);
  CREATE INDEX site_sign_out_untold ON site_sign_out (claimed_until) WHERE told_at IS NULL;

  CREATE TABLE ended_session (
    ended_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    id bigint GENERATED ALWAYS AS IDENTITY,
    sid text COLLATE "C" NOT NULL,
    ended_at bigint NOT NULL,
    PRIMARY KEY (ended_in, id)
  );
  CREATE INDEX ended_session_by_time ON ended_session (ended_at);

  ${SIGNING_KEY_TABLE};
  `,
  // An instance of the previous version starts sessions with these defaults, the weakest values. Every logout
  // of their `sid` ends them.
  `
  ALTER TABLE app_session ADD COLUMN authenticated_at bigint NOT NULL DEFAULT 0;
  ALTER TABLE app_session ADD COLUMN amr text COLLATE "C" NOT NULL DEFAULT 'pwd';
  ALTER TABLE app_session ADD COLUMN group_names text COLLATE "C" NOT NULL DEFAULT '';
  ALTER TABLE app_session ADD COLUMN token_issued_at bigint NOT NULL DEFAULT 0;
  `,
];
