/** An account whose sessions take longer to end than a request may. */
import { beforeEach, expect, test } from 'vitest';
import { runOn } from '../../../../../test/support/postgres.ts';
import { ACCOUNT, ADA, CONTEXT, givenStores } from '../contract/given.ts';
import { postgresBackend } from './test-backend.fixture.ts';

const backend = postgresBackend();
const given = givenStores(backend);

const SESSION_COUNT = 1000;
const APP_COUNT = 100;

const ADD_SESSIONS = `
  WITH session AS (
    INSERT INTO sso_session
      (sid, token_hash, account_id, started_at, last_seen_at, ends_at, user_agent)
    SELECT 'sid ' || number, sha256(number::text::bytea), '${ADA.id}', 0, 0, 0, ''
    FROM generate_series(1, ${SESSION_COUNT}) AS number
    RETURNING sid
  )
  INSERT INTO session_app (sid, app)
  SELECT sid, 'https://app-' || number || '.example.com'
  FROM session, generate_series(1, ${APP_COUNT}) AS number`;

beforeEach(async () => {
  await given.stores.accounts.add([ACCOUNT], CONTEXT);
  await runOn(backend.url(), ADD_SESSIONS);
});

test.each([
  ['disable', () => given.stores.accounts.disable(ADA.id, CONTEXT)],
  ['remove', () => given.stores.accounts.remove(ADA.id, CONTEXT)],
  ['set the password of', () => given.stores.accounts.setPassword(ADA.id, 'a new hash', {}, CONTEXT)],
])(
  'the command line can %s an account with a thousand sessions at a hundred apps each',
  async (_what, change) => {
    expect(await change()).toBe(SESSION_COUNT);
    const { rows } = await runOn(backend.url(), 'SELECT count(*)::int AS count FROM logout_notice');
    expect(rows).toEqual([{ count: SESSION_COUNT * APP_COUNT }]);
  },
);
