/**
 * Runs the flows of one page, each to an {@link Outcome}: one at a time among all tabs of this origin. Tabs
 * share the session cookies, so two flows at once would end each other's sessions.
 */
import { isRefused, Stop } from './ask.ts';
import type { Outcome } from './outcome.ts';

const LOCK_NAME = 'samesite-sso';

/** As long as four requests can take: a tab that was put to sleep in its turn blocks nobody for ever. */
const MAX_LOCK_WAIT_MS = 20_000;

type Listener = (outcome: Outcome) => void;

export class Flows {
  /** Are told what each flow came to. */
  readonly listeners = new Set<Listener>();
  #signOut: Promise<Outcome> | undefined;

  /** Runs a flow in its turn. */
  async run(flow: () => Promise<Outcome>): Promise<Outcome> {
    let earlier = this.#signOut;
    const found = await inTurn(() => {
      earlier = this.#signOut;
      return toOutcome(flow());
    });
    // If the person has signed out meanwhile, what the flow found before that is over.
    const isOver = this.#signOut !== earlier;
    return this.#conclude((isOver && (await this.#signOut)) || found);
  }

  /** A sign-out waits for nobody: its requests are on their way. Flows that come later wait for it. */
  async runAtOnce(signOut: Promise<Outcome>): Promise<Outcome> {
    const ending = toOutcome(signOut);
    this.#signOut = ending;
    void inTurn(() => ending);
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
    if (stop instanceof Stop) return stop.outcome;
    throw stop;
  }
}

/** The end of the last turn that was taken without a lock. */
let lastTurn: Promise<unknown> = Promise.resolve();

async function inTurn(flow: () => Promise<Outcome>): Promise<Outcome> {
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
    // Browsers refuse the lock where they block storage, and lack it on insecure pages. Then only this page's
    // flows run one after another.
    const turn = lastTurn.then(begin, begin);
    lastTurn = turn;
    return await turn;
  }
}
