/**
 * Runs the flows of one page, one at a time across all tabs of this origin. The tabs share the session
 * cookies, so two flows at once would end each other's sessions.
 */
import type { Outcome } from './outcome.ts';
import { FlowError } from './send-request.ts';

const LOCK_NAME = 'samesite-sso';

/** Enough for four slow requests. Bounded, since a frozen tab may hold the lock forever. */
const MAX_LOCK_WAIT_MS = 20_000;

export class Flows {
  /** Called with the outcome of each flow. */
  readonly listeners = new Set<(outcome: Outcome) => void>();
  #signOut: Promise<Outcome> | undefined;

  /** Runs a flow after the earlier ones have ended. */
  async run(flow: () => Promise<Outcome>): Promise<Outcome> {
    let signOutBefore = this.#signOut;
    const outcome = await withTabLock(() => {
      signOutBefore = this.#signOut;
      return toOutcome(flow());
    });
    // A sign-out during the flow makes its outcome obsolete.
    const isObsolete = this.#signOut !== signOutBefore;
    return this.#notify((isObsolete && (await this.#signOut)) || outcome);
  }

  /** Doesn't wait for other flows, since its requests are already sent. Later flows wait for it. */
  async runSignOut(signOut: Promise<Outcome>): Promise<Outcome> {
    const ending = toOutcome(signOut);
    this.#signOut = ending;
    withTabLock(() => ending).catch(() => {}); // The next line passes a failure to the caller.
    return this.#notify(await ending);
  }

  #notify(outcome: Outcome): Outcome {
    for (const listener of this.listeners) listener(outcome);
    return outcome;
  }
}

async function toOutcome(flow: Promise<Outcome>): Promise<Outcome> {
  try {
    return await flow;
  } catch (error) {
    if (error instanceof FlowError) return error.outcome;
    throw error;
  }
}

/** Settles when the last flow that ran without a lock has ended. */
let lastUnlocked: Promise<unknown> = Promise.resolve();

async function withTabLock(flow: () => Promise<Outcome>): Promise<Outcome> {
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    return flow();
  };
  try {
    const signal = AbortSignal.timeout(MAX_LOCK_WAIT_MS);
    return await navigator.locks.request(LOCK_NAME, { signal }, begin);
  } catch (error) {
    if (hasBegun) throw error;
    // Browsers that block storage refuse the lock, and insecure pages have no Web Locks. Then only the flows
    // of this page wait for each other.
    const unlocked = lastUnlocked.then(begin, begin);
    lastUnlocked = unlocked;
    return await unlocked;
  }
}
