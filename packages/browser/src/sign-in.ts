/**
 * The five steps, as the page walks them. Read from `signIn` downwards.
 * Next: `packages/relying-app` answers steps 1 and 4, `apps/sso` answers 2, 3 and 5.
 */
import type {
  AuthenticationTokenAnswer,
  CrossOriginRequest,
  LoginStatusAnswer,
  SessionAnswer,
  SignedIn,
  SignedOut,
} from '@samesite-sso/protocol';
import { ask, Stop } from './ask.ts';
import type { Outcome, Step, StepReport } from './outcome.ts';

export interface SsoOptions {
  /** Where the SSO service lives: `https://sso.example.com`. */
  ssoOrigin: string;
  /** Is told of every step as it happens. */
  onStep?: (report: StepReport) => void;
}

export interface Sso {
  /** Steps 1 to 4: signs in without a word if the person is known anywhere on the site. */
  signIn(): Promise<Outcome>;
  /** Step 5, then 3 and 4: signs in with a password. */
  logIn(username: string, password: string): Promise<Outcome>;
  /** Ends the SSO session, then this app's; `password wanted` when both are gone. */
  signOut(): Promise<Outcome>;
  /**
   * Asks anew whenever the person looks at this tab again, so that what happened elsewhere shows.
   *
   * @returns a function that stops it
   */
  watch(onOutcome: (outcome: Outcome) => void): () => void;
}

/** The flow for one page. Its functions never reject: whatever happens is an {@link Outcome}. */
export function createSso({ ssoOrigin, onStep = () => {} }: SsoOptions): Sso {
  // Step 1. Whoever has an app session needs nothing else.
  async function signIn(): Promise<Outcome> {
    const here = await askHere();
    if (here.status === 'signed out') return await askAround();
    skip('not needed: signed in here', 2, 5, 3, 4);
    return here;
  }

  // Step 2. Whoever has an SSO session needs no password.
  async function askAround(): Promise<Outcome> {
    const there = await askThere();
    if (there.status === 'signed out') return { status: 'password wanted' };
    skip('not needed: signed in there', 5);
    return await carryOver();
  }

  // Steps 3 and 4. The token is asked of the SSO service and given to the app at once.
  async function carryOver(mayRetry = true): Promise<Outcome> {
    const { token } = await askSso<AuthenticationTokenAnswer>(
      3,
      { request: 'authentication token' },
      ({ token, expiresIn }) => token && `a token for ${expiresIn} s`,
    );
    try {
      const { account } = await askApp<SignedIn>(
        4,
        'POST',
        { token },
        ({ account }) => account.id && 'token redeemed',
      );
      return { status: 'signed in', account };
    } catch (stop) {
      // A login in another tab can end the SSO session between its token's birth and its redemption.
      // The session that replaced it is as good: ask for a token of that one, once.
      if (mayRetry && isRefused(stop, 'invalid-token')) return await carryOver(false);
      throw stop;
    }
  }

  // Step 5, and on with 3.
  async function logIn(username: string, password: string): Promise<Outcome> {
    await askSso<SignedIn>(
      5,
      { request: 'login', username, password },
      ({ account }) => account.id && 'password right',
    );
    return await carryOver();
  }

  // The SSO session first: an app session without it dies by itself, but not the other way round.
  async function signOut(): Promise<Outcome> {
    await askSso<SignedOut>('sign out', { request: 'logout' }, ({ status }) => status);
    await endHere();
    return { status: 'password wanted' };
  }

  // Step 2 even where 1 would do, since the person may have signed out, or changed, elsewhere.
  async function lookAgain(): Promise<Outcome> {
    const here = await askHere();
    if (here.status === 'signed out') return await askAround();
    // An SSO service that is down ends nobody's app session.
    const there = await askThere().catch(() => here);
    if (there.status === 'signed out') {
      await endHere();
      return { status: 'password wanted' };
    }
    if (there.account.id === here.account.id) {
      skip('not needed: still signed in', 5, 3, 4);
      return here;
    }
    skip('not needed: somebody else signed in there', 5);
    return await carryOver();
  }

  function watch(onOutcome: (outcome: Outcome) => void): () => void {
    const stopped = new AbortController();
    const look = async () => {
      if (document.visibilityState !== 'visible') return;
      const outcome = await inTurn(lookAgain);
      if (!stopped.signal.aborted) onOutcome(outcome);
    };
    document.addEventListener('visibilitychange', look, { signal: stopped.signal });
    return () => stopped.abort();
  }

  const endHere = () => askApp<SignedOut>('sign out', 'DELETE', undefined, ({ status }) => status);

  const askHere = () => askApp<SessionAnswer>(1, 'GET', undefined, (answer) => standing(answer, 'here'));

  const askThere = () =>
    askSso<LoginStatusAnswer>(2, { request: 'login status' }, (answer) => standing(answer, 'there'));

  const askSso = <Answer>(
    step: Step | 'sign out',
    body: CrossOriginRequest,
    why: (answer: Answer) => string | undefined | false,
  ) =>
    ask(
      { step, method: 'POST', origin: ssoOrigin, path: '/', body, silence: 'SSO service unreachable' },
      onStep,
      why,
    );

  const askApp = <Answer>(
    step: Step | 'sign out',
    method: 'GET' | 'POST' | 'DELETE',
    body: { token: string } | undefined,
    why: (answer: Answer) => string | undefined | false,
  ) =>
    ask(
      {
        step,
        method,
        origin: location.origin,
        path: '/session',
        ...(body && { body }),
        silence: 'app unreachable',
      },
      onStep,
      why,
    );

  const skip = (why: string, ...steps: Step[]) => {
    for (const step of steps) onStep({ step, state: 'skipped', why });
  };

  return {
    signIn: () => inTurn(signIn),
    logIn: (username, password) => inTurn(() => logIn(username, password)),
    signOut: () => inTurn(signOut),
    watch,
  };
}

/** Milliseconds that a flow waits for its turn: as long as one of four requests can take. */
const PATIENCE = 20_000;

/**
 * One flow at a time in all tabs of this origin: they share the session cookies, so two at once would
 * end each other's sessions. A tab that was put to sleep in its turn keeps nobody for ever.
 */
async function inTurn(flow: () => Promise<Outcome>): Promise<Outcome> {
  const turn = async (): Promise<Outcome> => {
    try {
      return await flow();
    } catch (stop) {
      if (isRefused(stop, 'not-signed-in')) return { status: 'password wanted' };
      if (stop instanceof Stop) return stop.outcome;
      throw stop;
    }
  };
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    return await navigator.locks.request('samesite-sso', { signal }, turn);
  } catch (error) {
    if (!signal.aborted) throw error;
    return await turn();
  }
}

/** In words, if it makes sense, whether anyone is signed in. */
function standing(answer: SessionAnswer, where: string): string | false {
  return (answer.status === 'signed out' || answer.account.id !== undefined) && `${answer.status} ${where}`;
}

function isRefused(stop: unknown, code: string): boolean {
  return stop instanceof Stop && stop.outcome.status === 'refused' && stop.outcome.code === code;
}
