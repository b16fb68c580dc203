/**
 * Groups, factors and invitations. `authenticated_at` is null in sessions from before this migration, and in
 * those that an instance of the previous version starts: they were signed in when they started.
 *
 * `replaced_token_hash` is of the token that a session had before its latest renewal. It signs nobody in. A
 * browser that missed the response of the renewal still has it, and can sign out or sign in again with it.
 *
 * `lost_token_at` is when an app that lost its access to the session got its last token. `weakest_amr` is of
 * the sign-in with the fewest factors of which the app has redeemed a token. Where it is null although the
 * app has redeemed one, as before this migration, that sign-in counts as one factor.
 */
export const FACTORS_AND_GROUPS = `
  ALTER TABLE sso_session ADD COLUMN authenticated_at bigint;
  ALTER TABLE sso_session ADD COLUMN amr text COLLATE "C" NOT NULL DEFAULT 'pwd';
  ALTER TABLE sso_session ADD COLUMN lost_token_at bigint;
  ALTER TABLE sso_session ADD COLUMN replaced_token_hash bytea;
  CREATE INDEX sso_session_by_replaced_token ON sso_session (replaced_token_hash)
    WHERE replaced_token_hash IS NOT NULL;
  ALTER TABLE session_app ADD COLUMN weakest_amr text COLLATE "C";
  ALTER TABLE authentication_token ADD COLUMN session_token_hash bytea;

  CREATE TABLE account_group (
    account_id text COLLATE "C" NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name text COLLATE "C" NOT NULL,
    PRIMARY KEY (account_id, name)
  );
  CREATE INDEX account_group_by_name ON account_group (name, account_id);
  CREATE TABLE access_review (
    account_id text COLLATE "C" PRIMARY KEY
  );

  ALTER TABLE account ADD COLUMN user_handle bytea;
  CREATE UNIQUE INDEX account_by_user_handle ON account (user_handle);
  CREATE TABLE passkey (
    credential_id text COLLATE "C" PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    rp_id text COLLATE "C" NOT NULL,
    public_key bytea NOT NULL,
    counter bigint NOT NULL,
    transports text COLLATE "C" NOT NULL,
    is_backup_eligible boolean NOT NULL,
    name text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    last_used_at bigint
  );
  CREATE INDEX passkey_of_account ON passkey (account_id, created_at);
  CREATE TABLE spent_challenge (
    hash bytea PRIMARY KEY,
    expires_at bigint NOT NULL
  );
  CREATE INDEX spent_challenge_by_expiry ON spent_challenge (expires_at);

  CREATE TABLE authenticator (
    account_id text COLLATE "C" PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    sealed_secret text COLLATE "C" NOT NULL,
    last_step bigint NOT NULL
  );
  CREATE TABLE pending_authenticator (
    sid text COLLATE "C" PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    sealed_secret text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL
  );
  CREATE INDEX pending_authenticator_of_account ON pending_authenticator (account_id);
  CREATE INDEX pending_authenticator_by_expiry ON pending_authenticator (expires_at);
  CREATE TABLE recovery_code (
    account_id text COLLATE "C" NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    hash bytea NOT NULL,
    PRIMARY KEY (account_id, hash)
  );
  CREATE TABLE factor_change (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    kind text COLLATE "C" NOT NULL,
    detail text COLLATE "C",
    at bigint NOT NULL
  );
  CREATE INDEX factor_change_of_account ON factor_change (account_id, at);
  CREATE INDEX factor_change_by_time ON factor_change (at);

  CREATE TABLE invitation (
    account_id text COLLATE "C" PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
    secret_hash bytea NOT NULL UNIQUE,
    expires_at bigint NOT NULL
  );
  CREATE INDEX invitation_by_expiry ON invitation (expires_at);

  CREATE TABLE service_secret (
    name text COLLATE "C" PRIMARY KEY,
    value text COLLATE "C" NOT NULL
  );
  `;
