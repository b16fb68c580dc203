/** The command line on its own database for one test, and accounts and sessions for it. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { sha256 } from '@samesite-sso/core';
import type { Environment } from '@samesite-sso/server/config';
import { expect, onTestFinished } from 'vitest';
import { PASSWORD_HASH } from '../../../../test/support/accounts.ts';
import { runProgram } from '../../../../test/support/sso/run-program.ts';
import {
  ADA,
  byPassword,
  FOO,
  NO_REQUIREMENT,
  OPERATOR,
  temporaryFolder,
} from '../../../../test/support/sso/test-service.ts';
import { describeDevice } from '../sessions/device.ts';
import { openSqliteStores } from '../storage/sqlite/open-stores.ts';
import type { OwnSession, Stores } from '../storage/stores.ts';
import { runCommandLine } from './program.ts';

/** Runs a command in this process. */
export async function outcomeOf(args: string[], environment: Environment) {
  let stdout = '';
  const outcome = await runCommandLine(args, environment, async (text) => {
    stdout += text;
    return true;
  });
  return { ...outcome, stdout };
}

/** @param environment an empty database by default */
export function administration(
  environment: { SSO_DATABASE: string } & Record<string, string> = { SSO_DATABASE: emptyDatabase() },
) {
  const run = (args: string[]) => outcomeOf(args, environment);
  /** Runs a command that must succeed. @returns what it prints */
  const done = async (args: string[]) => {
    const { stdout, ...ended } = await run(args);
    expect(ended).toEqual({ status: 0, stderr: '' });
    return stdout;
  };
  return {
    database: environment.SSO_DATABASE,
    run,
    done,
    json: async (args: string[]) => JSON.parse(await done([...args, '--json'])),
    /** The same in a process of its own, with this standard input. */
    runProcess: (args: string[], stdin: string | Buffer = '') =>
      runProgram('cli.ts', args, environment, stdin),
    /** The stores of the same database, closed after the test. */
    open(): Stores {
      const stores = openSqliteStores(environment.SSO_DATABASE);
      onTestFinished(() => stores.close());
      return stores;
    },
  };
}

/** A path without a database. */
export function noDatabase(): string {
  return path.join(temporaryFolder(), 'sso.sqlite');
}

export function emptyDatabase(): string {
  const file = noDatabase();
  openSqliteStores(file).close();
  return file;
}

/** Adds ada, with her password. */
export async function addAda(stores: Stores): Promise<void> {
  const account = { ...ADA, usernameKey: ADA.username, passwordHash: PASSWORD_HASH };
  await stores.accounts.add([account], OPERATOR);
}

/** Starts an SSO session, ada's by default, and issues a token from it to foo. @returns its id */
export async function startSession(
  stores: Stores,
  { at = Date.now(), userAgent = 'Lynx', passwordVersion = 1, accountId = ADA.id } = {},
): Promise<string> {
  const sid = randomUUID();
  const context = { at, actor: 'person', address: '192.0.2.1' };
  const session = {
    sid,
    accountId,
    proof: byPassword(passwordVersion),
    endsAt: at + 3_600_000,
    userAgent,
    device: describeDevice(userAgent),
  };
  const tokenHash = sha256(sid);
  await stores.sessions.start({ ...session, tokenHash }, null, 0, context);
  const token = { hash: sha256(`token of ${sid}`), app: FOO, sid, expiresAt: at + 30_000 };
  await stores.tokens.issue({ ...token, sessionTokenHash: tokenHash }, NO_REQUIREMENT, context);
  return sid;
}

/** The session of {@link startSession} as the one in which its person changes factors. */
export const ownOf = (sid: string, accountId = ADA.id): OwnSession => ({
  accountId,
  sid,
  tokenHash: sha256(sid),
  authenticatedSince: 0,
});

/** The sessions whose end foo hasn't been notified of. */
export async function noticesForFoo(stores: Stores): Promise<string[]> {
  return (await stores.logoutNotices.due(FOO, 'a test', Date.now(), 100)).map(({ sid }) => sid);
}
