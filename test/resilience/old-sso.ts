/** The files of an earlier SSO service: sessions, tokens, redeemed or not, and failures. */
import { randomUUID } from 'node:crypto';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createSessionToken, keyFileOf, sha256 } from '@samesite-sso/core';
import { AUTHENTICATION_TOKEN_TYPE } from '@samesite-sso/protocol';
import Sqlite from 'better-sqlite3';
import { decodeJwt, type JWK } from 'jose';
import { keyOf, secondsOf, signedBy, tokenClaims } from '../security/create-jws.ts';
import type { Page } from '../support/browser.ts';
import type { RunningSite } from '../support/process-site.ts';
import type { Writings } from './old-databases.ts';

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

  const writings: Writings = {
    1: (database) => {
      const insertAccount = database.prepare(
        `INSERT INTO account (id, username, username_key, display_name, password_hash, created_at)
         VALUES (:id, :username, :username, :username, :password_hash, 0)`,
      );
      for (const account of accounts) insertAccount.run(account);
      const insertSession = database.prepare(
        `INSERT INTO sso_session (sid, secret_hash, account_id, started_at, last_seen_at, ends_at)
         VALUES (?, ?, ?, ?, ?, ?)`,
      );
      for (const { sid, secret, account, started } of [sessions.active, sessions.overdue]) {
        insertSession.run(sid, sha256(secret), account.id, started, started, started + 12 * HOUR_MS);
      }
      const insertToken = database.prepare(
        `INSERT INTO authentication_token (hash, app, sid, expires_at, redeemed_at) VALUES (?, ?, ?, ?, ?)`,
      );
      for (const [token, app, redeemedAt] of [
        [tokens.atFoo, foo, null],
        [tokens.atIpsum, ipsum, null],
        [tokens.redeemed, ipsum, now],
      ] as const) {
        insertToken.run(sha256(token), app.origin, sessions.active.sid, now + HOUR_MS, redeemedAt);
      }
      const { jti } = decodeJwt(assertion);
      database
        .prepare('INSERT INTO client_assertion (app, jti, expires_at) VALUES (?, ?, ?)')
        .run(ipsum.origin, jti, now + HOUR_MS);
      const insertFailure = database.prepare(
        `INSERT INTO login_failure (username_hash, address, failed_at) VALUES (?, '127.0.0.1', ?)`,
      );
      for (let failure = 1; failure <= 10; failure += 1) insertFailure.run(sha256('grace'), now);
    },
    2: (database) => {
      database
        .prepare(`INSERT OR IGNORE INTO session_app (sid, app) VALUES (?, ?)`)
        .run(sessions.active.sid, lorem.origin);
      database
        .prepare(
          `INSERT INTO logout_notice (app, sid, account_id, ended_by_time, due_at, give_up_at)
           VALUES (?, ?, ?, 0, ?, ?)`,
        )
        .run(ipsum.origin, sessions.ended.sid, grace.id, now, now + HOUR_MS);
      database
        .prepare(
          `INSERT INTO audit_record (at, kind, act_by, account_id, sid)
           VALUES (?, 'session ended', 'person', ?, ?)`,
        )
        .run(now, grace.id, sessions.ended.sid);
    },
    9: (database) => {
      database
        .prepare('INSERT INTO loaded_registry (instance, apps, loaded_at) VALUES (?, ?, ?)')
        .run(randomUUID(), '[]', now);
    },
  };
  return { writings, sessions, tokens, assertion };
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
