/**
 * Runs the flows of one page, one at a time across all tabs of this origin. The tabs share the session
 * cookies, so two flows at once would end each other's sessions.
 */
import { FlowError, isRefused } from './ask.ts';
import type { Outcome } from './outcome.ts';

const LOCK_NAME = 'samesite-sso';

/**
 * As long as four requests can take. A tab that is frozen while it holds the lock blocks no other forever.
 */
const MAX_LOCK_WAIT_MS = 20_000;

type Listener = (outcome: Outcome) => void;

export class Flows {
  /** Called with the outcome of each flow. */
  readonly listeners = new Set<Listener>();
  #signOut: Promise<Outcome> | undefined;

  /** Runs a flow once those before it have ended. */
  async run(flow: () => Promise<Outcome>): Promise<Outcome> {
    let earlier = this.#signOut;
    const found = await withTabLock(() => {
      earlier = this.#signOut;
      return toOutcome(flow());
    });
    // After a sign-out meanwhile, what the flow found before it no longer holds.
    const isOver = this.#signOut !== earlier;
    return this.#conclude((isOver && (await this.#signOut)) || found);
  }

  /** Doesn't wait for other flows: the requests of the sign-out are sent already. Later flows wait for it. */
  async runSignOut(signOut: Promise<Outcome>): Promise<Outcome> {
    const ending = toOutcome(signOut);
    this.#signOut = ending;
    withTabLock(() => ending).catch(() => {}); // The caller is told of a failure below.
    return this.#conclude(await ending);
  }

  #conclude(outcome: Outcome): Outcome {
    for (const listener of this.listeners) listener(outcome);
    return outcome;
  }
}

async function toOutcome(flow: Promise<Outcome>): Promise<Outcome> {
  try {
    return await flow;
  } catch (stop) {
    if (isRefused(stop, 'not-signed-in')) return { status: 'password wanted' };
    if (stop instanceof FlowError) return stop.outcome;
    throw stop;
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
    // Browsers refuse the lock where they block storage, and lack it on insecure pages. Then only the flows
    // of this page run one after another.
    const unlocked = lastUnlocked.then(begin, begin);
    lastUnlocked = unlocked;
    return await unlocked;
  }
}
