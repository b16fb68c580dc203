/** The files of an earlier SSO service: sessions, tokens, redeemed or not, and failures. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createSessionToken, keyFileOf, SealingKeys, sha256 } from '@samesite-sso/core';
import { AUTHENTICATION_TOKEN_TYPE } from '@samesite-sso/protocol';
import Sqlite from 'better-sqlite3';
import { decodeJwt, type JWK } from 'jose';
import { AuthenticatorSecrets } from '../../apps/sso/src/accounts/factors/authenticator-secrets.ts';
import { sealingKeyFileOf } from '../../scripts/site/site-settings.ts';
import { keyOf, secondsOf, signedBy, tokenClaims } from '../security/create-jws.ts';
import type { Page } from '../support/browser.ts';
import type { RunningSite } from '../support/process-site.ts';
import { RP_ID } from '../support/webauthn/software-authenticator.ts';
import { insert, type Writings } from './old-databases.ts';

const HOUR_MS = 3_600_000;

interface Account {
  id: string;
  username: string;
  password_hash: string;
}

/** Takes accounts and keys, which must stay the same, from a running site, and invents the rest. */
export async function oldSsoService(site: RunningSite) {
  const { foo, lorem, ipsum } = site;
  const now = Date.now();
  const accounts = accountsOf(site.databaseOf('sso'));
  const [ada, grace] = accounts;
  if (ada === undefined || grace === undefined) throw new Error('the demo’s accounts are missing');
  const session = (account: Account, started = now - HOUR_MS) => ({
    sid: randomUUID(),
    secret: createSessionToken(),
    account,
    started,
  });
  const sessions = { active: session(ada), overdue: session(ada, now - 13 * HOUR_MS), ended: session(grace) };
  const token = (app: Page) => issue(site, app, { sub: ada.id, sid: sessions.active.sid });
  const tokens = { atFoo: token(foo), atIpsum: token(ipsum), redeemed: token(ipsum) };
  const assertion = await ipsum.clientAssertion(site.sso);
  const secrets = new AuthenticatorSecrets(SealingKeys.read(sealingKeyFileOf(site)));
  const sealedSecret = await secrets.seal(grace.id, randomBytes(20));

  const writings: Writings = {
    1: (database) => {
      for (const { id, username, password_hash } of accounts) {
        const names = { username, username_key: username, display_name: username };
        insert(database, 'account', { id, ...names, password_hash, created_at: 0 });
      }
      for (const { sid, secret, account, started } of [sessions.active, sessions.overdue]) {
        const times = { started_at: started, last_seen_at: started, ends_at: started + 12 * HOUR_MS };
        const row = { sid, secret_hash: sha256(secret), account_id: account.id, ...times };
        insert(database, 'sso_session', row);
      }
      const ofSession = { sid: sessions.active.sid, expires_at: now + HOUR_MS };
      insert(
        database,
        'authentication_token',
        { ...ofSession, hash: sha256(tokens.atFoo), app: foo.origin, redeemed_at: null },
        { ...ofSession, hash: sha256(tokens.atIpsum), app: ipsum.origin, redeemed_at: null },
        { ...ofSession, hash: sha256(tokens.redeemed), app: ipsum.origin, redeemed_at: now },
      );
      const { jti } = decodeJwt(assertion);
      insert(database, 'client_assertion', { app: ipsum.origin, jti, expires_at: now + HOUR_MS });
      const failure = { username_hash: sha256('grace'), address: '127.0.0.1', failed_at: now };
      insert(database, 'login_failure', ...Array(10).fill(failure));
    },
    2: (database) => {
      database
        .prepare(`INSERT OR IGNORE INTO session_app (sid, app) VALUES (?, ?)`)
        .run(sessions.active.sid, lorem.origin);
      const { sid } = sessions.ended;
      const times = { due_at: now, give_up_at: now + HOUR_MS };
      const notice = { app: ipsum.origin, sid, account_id: grace.id, ended_by_time: 0, ...times };
      insert(database, 'logout_notice', notice);
      const record = { at: now, kind: 'session ended', act_by: 'person', account_id: grace.id, sid };
      insert(database, 'audit_record', record);
    },
    9: (database) => {
      insert(database, 'loaded_registry', { instance: randomUUID(), apps: '[]', loaded_at: now });
    },
    11: (database) => {
      insert(database, 'app_server', { app: foo.origin, server: foo.address, loaded_at: now });
      insert(database, 'delivery_lease', { app: foo.origin, holder: randomUUID(), leased_until: now });
    },
    12: (database) => writeFactors(database, { accountId: grace.id, sealedSecret, now }),
  };
  return { writings, sessions, tokens, assertion };
}

/** All that version 12 added: groups, factors, an invitation and the key of the challenges. */
function writeFactors(
  database: Sqlite.Database,
  { accountId, sealedSecret, now }: { accountId: string; sealedSecret: string; now: number },
): void {
  const ofAccount = { account_id: accountId };
  insert(database, 'account_group', { ...ofAccount, name: 'staff' });
  insert(database, 'access_review', ofAccount);
  const credential = {
    credential_id: 'AAAA',
    public_key: Buffer.alloc(77),
    counter: 0,
    transports: 'internal',
  };
  insert(database, 'passkey', {
    ...ofAccount,
    created_at: now,
    ...credential,
    rp_id: RP_ID,
    is_backup_eligible: 1,
    name: 'Phone',
  });
  insert(database, 'spent_challenge', { hash: sha256('a challenge'), expires_at: now + HOUR_MS });
  const sealed = { sealed_secret: sealedSecret };
  insert(database, 'authenticator', { ...ofAccount, ...sealed, last_step: 1 });
  const pending = { ...ofAccount, ...sealed, sid: randomUUID(), expires_at: now + HOUR_MS };
  insert(database, 'pending_authenticator', pending);
  insert(database, 'recovery_code', { ...ofAccount, hash: sha256('a code') });
  insert(database, 'factor_change', { ...ofAccount, kind: 'passkey added', detail: 'Phone', at: now });
  const invitation = { secret_hash: sha256('a secret'), expires_at: now + HOUR_MS };
  insert(database, 'invitation', { ...ofAccount, ...invitation });
  const value = randomBytes(32).toString('base64url');
  insert(database, 'service_secret', { name: 'passkey challenge key', value });
}

/** Rewrites the key file as version 0.1 wrote it: one key, without times. */
export function replaceKeysByVersion01(site: RunningSite): void {
  const file = keyFileOf(site.databaseOf('sso'));
  const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys: (JWK & Record<string, unknown>)[] };
  const plain = keys.map(({ born: _born, signsFrom: _signsFrom, ...key }) => key);
  writeFileSync(file, `${JSON.stringify({ keys: plain }, null, 2)}\n`);
  utimesSync(file, new Date(), new Date(Date.now() - 48 * HOUR_MS));
}

function issue(site: RunningSite, app: Page, about: { sub: string; sid: string }): string {
  const claims = tokenClaims(site, app, { ...about, exp: secondsOf({}) + 3600 });
  return signedBy(keyOf({ database: site.databaseOf('sso') }), { typ: AUTHENTICATION_TOKEN_TYPE }, claims);
}

function accountsOf(file: string): Account[] {
  const database = new Sqlite(file, { readonly: true });
  const accounts = database
    .prepare<[], Account>('SELECT id, username, password_hash FROM account ORDER BY username')
    .all();
  database.close();
  return accounts;
}
