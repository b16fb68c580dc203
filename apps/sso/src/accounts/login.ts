/**
 * Verifies the username and password of step 5, and the code of an account with an authenticator app.
 * `../cross-origin/login-request.ts` starts the session.
 */
import { HttpProblem } from '@samesite-sso/core';
import type { Client } from '../sessions/client.ts';
import { REFUSAL_DETAILS, type SignInRefusal } from '../sessions/sign-in-refusals.ts';
import type { VerifiedSignIn } from '../sessions/sso-sessions.ts';
import type { AccountStore, Credentials, FailureRecord } from '../storage/stores.ts';
import { toNetworkNames } from './client-networks.ts';
import type { CodeCheck, CodeProof } from './factors/code-check.ts';
import { createDummyHash, isOutdated } from './hashing/argon2.ts';
import type { PasswordHasher } from './hashing/hasher.ts';
import type { PasswordQueue } from './hashing/password-queue.ts';
import type { LoginAttempt, LoginThrottle } from './login-throttle.ts';
import type { RefusedSignIns } from './refused-sign-ins.ts';
import { usernameKey } from './username.ts';

/** The account, and the version of the verified password: it may change before the session starts. */
type VerifiedLogin = Pick<Credentials, 'account' | 'passwordVersion'>;

export interface SignInAttempt {
  username: string;
  password: string;
  /** Ignored if the account has no authenticator app. */
  code?: string;
}

/** Additions to the audit record of a failure, if this isn't a sign-in. */
type FailureDetails = Pick<FailureRecord, 'sid' | 'detail'>;

interface LoginDependencies {
  accounts: AccountStore;
  hasher: PasswordHasher;
  queue: PasswordQueue;
  throttle: LoginThrottle;
  refusedSignIns: RefusedSignIns;
  codeCheck: CodeCheck;
}

export class Login {
  readonly #dependencies: LoginDependencies;

  constructor(dependencies: LoginDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Verifies the password alone. An unknown username, a disabled account and a wrong password cause the same
   * work and the same problem.
   *
   * @throws {HttpProblem} `too-many-attempts`, `overloaded` or `invalid-credentials`; the last one also if
   *   the client has disconnected, so that no session starts for it
   */
  async verifyPassword(
    username: string,
    password: string,
    client: Client,
    record: FailureDetails = {},
  ): Promise<VerifiedLogin> {
    const { account, passwordVersion } = await this.#run({ username, password }, client, record);
    return { account, passwordVersion };
  }

  /**
   * Verifies the password and, only if that is right, the code. A wrong password therefore uses up no code,
   * and reveals nothing about the account's factors.
   *
   * @throws {HttpProblem} as {@link verifyPassword} does; also `second-factor-required` or `invalid-code`
   */
  async verifySignIn(
    attempt: SignInAttempt,
    client: Client,
    record: FailureDetails = {},
  ): Promise<VerifiedSignIn> {
    const verifyCode = (verified: Credentials, throttled: LoginAttempt) =>
      this.#verifyCode(verified, throttled, attempt.code, record);
    const { account, passwordVersion, codeProof } = await this.#run(attempt, client, record, verifyCode);
    const proof = codeProof ?? { kind: 'password' };
    const refuse = (reason: SignInRefusal) =>
      this.#refuse(toLoginAttempt(attempt.username, client), { accountId: account.id, ...record }, reason);
    return { account, proof: { ...proof, passwordVersion }, refuse };
  }

  async #refuse(attempt: LoginAttempt, record: FailureRecord, reason: SignInRefusal): Promise<never> {
    const { throttle, refusedSignIns } = this.#dependencies;
    const detail = [REFUSAL_DETAILS[reason], record.detail].filter((part) => part !== undefined).join(', ');
    const isCode = reason === 'code used';
    await refusedSignIns.countRefusal(attempt.address, () =>
      isCode
        ? throttle.countWrongCode(attempt, { ...record, detail })
        : throttle.countFailure(attempt, { ...record, detail }),
    );
    throw new HttpProblem(isCode ? 'invalid-code' : 'invalid-credentials', { logReason: detail });
  }

  /** @param verifyCode called after a right password */
  async #run(
    { username, password }: SignInAttempt,
    client: Client,
    record: FailureDetails,
    verifyCode: (verified: Credentials, attempt: LoginAttempt) => Promise<CodeProof | null> = async () =>
      null,
  ): Promise<Credentials & { codeProof: CodeProof | null }> {
    const { throttle, queue, refusedSignIns } = this.#dependencies;
    const arrivedAtMs = performance.now();
    const attempt = toLoginAttempt(username, client);
    return await refusedSignIns.countRefusal(client.address, async () => {
      await throttle.admit(attempt);
      // Within the turn of the password, so that a wrong code counts before the network's next check.
      const check = async () => {
        const credentials = await this.#check(attempt, password, client, record);
        return { ...credentials, codeProof: await verifyCode(credentials, attempt) };
      };
      const afterwards = (credentials: Credentials) => this.#improveHash(credentials, password);
      return await queue.run(toNetworkNames(client.address), check, { arrivedAtMs, afterwards });
    });
  }

  /** Runs when the attempt leaves the queue. Counts a failure before the network's next check. */
  async #check(
    attempt: LoginAttempt,
    password: string,
    client: Client,
    record: FailureDetails,
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

  /** @returns null if the account has no authenticator app */
  async #verifyCode(
    { account }: Credentials,
    attempt: LoginAttempt,
    code: string | undefined,
    { detail, ...record }: FailureDetails,
  ): Promise<CodeProof | null> {
    const { codeCheck, throttle } = this.#dependencies;
    const authenticator = await codeCheck.findAuthenticator(account.id);
    if (authenticator === null) return null;
    if (code === undefined) throw new HttpProblem('second-factor-required');
    await throttle.admitCode(attempt);
    const proof = await codeCheck.verify(account.id, authenticator, code);
    if (typeof proof === 'string') {
      const reason = detail === undefined ? proof : `${proof}, ${detail}`;
      await throttle.countWrongCode(attempt, { accountId: account.id, ...record, detail: reason });
      throw new HttpProblem('invalid-code', { logReason: reason });
    }
    // Others may have tried wrong codes meanwhile. Refuse right and wrong ones alike.
    await throttle.admitCode(attempt);
    return proof;
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

function toLoginAttempt(username: string, { address }: Client): LoginAttempt {
  return { usernameKey: usernameKey(username), address };
}
