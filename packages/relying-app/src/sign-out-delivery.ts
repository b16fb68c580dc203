/**
 * Tells the SSO service that people have signed out of the whole site here, until it has answered or the SSO
 * session is over anyway. The page's part is over once the app's server has recorded the sign-out, so neither
 * a closed tab nor an SSO service that is down keeps a session alive.
 *
 * It stays cheap with any number of processes and sign-outs: a process claims a sign-out before it tells, so
 * that two rarely tell of the same; and while the SSO service fails, each process asks it for one sign-out at
 * a time, after a growing pause.
 */
import { SSO_PATHS } from '@samesite-sso/protocol';
import { backoffMs } from '@samesite-sso/service';
import type { FastifyBaseLogger } from 'fastify';
import { CLAIM_MS, type SignOutQueue } from './sign-out-queue.ts';
import type { SsoClient } from './sso-client.ts';

const REQUEST_TIMEOUT_MS = 2500;
const MAX_CONCURRENT_REQUESTS = 16;
/** How soon a sign-out is found that a process has recorded and then died. */
const POLL_INTERVAL_MS = 60_000;
/** The shortest pause after a failure: whoever brings old tokens must not make this server hammer another. */
const MIN_PAUSE_MS = 1000;

interface Parts {
  queue: SignOutQueue;
  client: SsoClient;
  log: Pick<FastifyBaseLogger, 'warn'>;
}

export class SignOutDelivery {
  readonly #parts: Parts;
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #isWoken = false;
  #failures = 0;
  /** Monotonic, as are the two below: a clock that is set back must not lengthen a pause. */
  #resumesAt = 0;
  #triedAt = Number.NEGATIVE_INFINITY;
  #hastenedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Starts to tell of what is due, unless the SSO service has failed a moment ago. */
  wake(): void {
    this.#isWoken = true;
    if (this.#stopped.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#running ??= this.#deliver().finally(() => {
      this.#running = null;
      if (this.#isWoken) this.wake(); // Since the last look.
    });
  }

  /** Cuts the pause short: a browser has come back that is still signed in at the SSO service. */
  hasten(): void {
    this.#hastenedAt = performance.now();
    this.#resumesAt = Math.min(this.#resumesAt, this.#triedAt + MIN_PAUSE_MS);
    this.wake();
  }

  /** Resolves once nothing uses the database any more. What was not told stays in it. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #deliver(): Promise<void> {
    let pauseMs = 0;
    try {
      while (this.#isWoken) {
        this.#isWoken = false;
        do pauseMs = this.#pauseMs();
        while (pauseMs === 0 && (await this.#tellSome()));
      }
      if (!this.#parts.queue.isPending()) pauseMs = POLL_INTERVAL_MS;
      // What is pending and not ours to tell is claimed by another process.
      else if (pauseMs === 0) pauseMs = CLAIM_MS;
    } catch (error) {
      // The database can't be used: the sign-outs are still in it.
      this.#fail((error as Error & { detail?: string }).detail ?? (error as Error).message);
      pauseMs = this.#pauseMs();
    }
    if (!this.#stopped.signal.aborted) this.#timer = setTimeout(() => this.wake(), pauseMs).unref();
  }

  /** @returns whether there may be more to tell now */
  async #tellSome(): Promise<boolean> {
    if (this.#stopped.signal.aborted) return false;
    const sids = await this.#parts.queue.claim(this.#failures > 0 ? 1 : MAX_CONCURRENT_REQUESTS);
    if (sids.length === 0) return false;
    this.#triedAt = performance.now();
    const attempts = await Promise.all(sids.map(async (sid) => ({ sid, reason: await this.#tell(sid) })));
    const untold = attempts.filter(({ reason }) => reason !== null);
    const told = attempts.filter(({ reason }) => reason === null);
    if (told.length > 0) this.#failures = 0;
    if (untold.length > 0) this.#fail(untold[0]?.reason ?? '');
    const toSid = ({ sid }: { sid: string }) => sid;
    await this.#parts.queue.settle({ told: told.map(toSid), untold: untold.map(toSid) });
    return true;
  }

  /** @returns why it was not told, or null */
  async #tell(sid: string): Promise<string | null> {
    const signal = AbortSignal.any([AbortSignal.timeout(REQUEST_TIMEOUT_MS), this.#stopped.signal]);
    try {
      const { status } = await this.#parts.client.post(SSO_PATHS.endSession, { sid }, signal);
      return status === 200 ? null : `answered ${status}`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  #fail(reason: string): void {
    if (this.#stopped.signal.aborted) return;
    this.#failures += 1;
    // What was hastened while it was under way is tried again soon, too.
    const isHastened = this.#hastenedAt >= this.#triedAt;
    this.#resumesAt = performance.now() + (isHastened ? MIN_PAUSE_MS : backoffMs(this.#failures));
    this.#parts.log.warn({ reason, failures: this.#failures }, 'the SSO service is not told of a sign-out');
  }

  #pauseMs(): number {
    return Math.max(0, this.#resumesAt - performance.now());
  }
}
