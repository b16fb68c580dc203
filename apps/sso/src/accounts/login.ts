/** Verifies the username and password of step 5. `../cross-origin/login-request.ts` starts the session. */
import { HttpProblem } from '@samesite-sso/core';
import type { Client } from '../sessions/client.ts';
import type { AccountStore, Credentials, FailureRecord } from '../storage/stores.ts';
import { toNetworkNames } from './client-networks.ts';
import { createDummyHash, isOutdated } from './hashing/argon2.ts';
import type { PasswordHasher } from './hashing/hasher.ts';
import type { PasswordQueue } from './hashing/password-queue.ts';
import type { LoginAttempt, LoginThrottle } from './login-throttle.ts';
import type { RefusedSignIns } from './refused-sign-ins.ts';
import { usernameKey } from './username.ts';

/** The account, and the version of the verified password: it may change before the session starts. */
export type VerifiedLogin = Pick<Credentials, 'account' | 'passwordVersion'>;

interface LoginDependencies {
  accounts: AccountStore;
  hasher: PasswordHasher;
  queue: PasswordQueue;
  throttle: LoginThrottle;
  refusedSignIns: RefusedSignIns;
}

export class Login {
  readonly #dependencies: LoginDependencies;

  constructor(dependencies: LoginDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * An unknown username, a disabled account and a wrong password cause the same work and the same problem.
   *
   * @param record additions to the audit record of a failure, if this isn't a sign-in
   * @throws {HttpProblem} `too-many-attempts`, `overloaded` or `invalid-credentials`; the last one also if
   *   the client has disconnected, so that no session starts for it
   */
  async verify(
    username: string,
    password: string,
    client: Client,
    record: Pick<FailureRecord, 'sid' | 'detail'> = {},
  ): Promise<VerifiedLogin> {
    const { throttle, queue, refusedSignIns } = this.#dependencies;
    const arrivedAtMs = performance.now();
    const attempt = { usernameKey: usernameKey(username), address: client.address };
    const networks = toNetworkNames(client.address);
    try {
      await throttle.admit(attempt);
      const check = () => this.#check(attempt, password, client, record);
      const afterwards = (credentials: Credentials) => this.#improveHash(credentials, password);
      const { account, passwordVersion } = await queue.run(networks, check, { arrivedAtMs, afterwards });
      return { account, passwordVersion };
    } catch (error) {
      refusedSignIns.count(error, networks[0] ?? client.address);
      throw error;
    }
  }

  /** Runs when the attempt leaves the queue. Counts a failure before the network's next check. */
  async #check(
    attempt: LoginAttempt,
    password: string,
    client: Client,
    record: Pick<FailureRecord, 'sid' | 'detail'>,
  ): Promise<Credentials> {
    const { accounts, hasher, queue, throttle } = this.#dependencies;
    // Attempts that were checked while this one waited may have reached the limit.
    await throttle.admit(attempt).catch((error) => {
      // Without the database, refuse all waiting attempts: each would wait for it in turn.
      if (error instanceof HttpProblem && error.code === 'unavailable') queue.refuseWaiting(error);
      throw error;
    });
    const known = await accounts.findCredentials(attempt.usernameKey);
    const fail = async (detail: string | undefined = record.detail): Promise<never> => {
      const failure = { ...record, ...(detail !== undefined && { detail }) };
      await throttle.countFailure(attempt, { accountId: known?.account.id ?? null, ...failure });
      throw new HttpProblem('invalid-credentials', { ...(detail !== undefined && { logReason: detail }) });
    };
    if (client.hasDisconnected()) return await fail('the client disconnected before the password check');
    // Verify unknown and disabled users too, against a dummy hash, so that timing reveals nothing.
    const isRight =
      known === null || known.isDisabled
        ? await hasher.verify(createDummyHash(), password, false)
        : await hasher.verify(known.passwordHash, password, known.isImported);
    // Other instances may have counted failures meanwhile. Refuse right and wrong passwords alike.
    await throttle.admit(attempt);
    if (known?.isDisabled) return await fail('the account is disabled');
    if (known === null || !isRight) return await fail();
    // Count a right password too: otherwise the count would tell a disconnected client whether it was right.
    if (client.hasDisconnected()) return await fail('the client disconnected before the response');
    return known;
  }

  /**
   * Replaces an outdated hash after the response, so that a right password takes no longer than a wrong one.
   * If it fails, the next sign-in tries again.
   */
  async #improveHash({ account, passwordHash, isImported }: Credentials, password: string): Promise<void> {
    if (!isImported && !isOutdated(passwordHash)) return;
    const { accounts, hasher } = this.#dependencies;
    await accounts.rehash(account.id, passwordHash, await hasher.hash(password));
  }
}
