/**
 * The five steps, as the page walks them. Read from `signIn` downwards. Whose turn it is among the tabs: `tabs.ts`.
 * Next: `packages/relying-app` answers steps 1 and 4, `apps/sso` answers 2, 3 and 5.
 */
import type {
  Account,
  AuthenticationTokenAnswer,
  CrossOriginRequest,
  LoginStatusAnswer,
  SessionAnswer,
  SignedIn,
  SignedOut,
} from '@samesite-sso/protocol';
import { ask, isRefused } from './ask.ts';
import type { Outcome, Step, StepReport } from './outcome.ts';
import { cameBack, inTurn, tellOtherTabs, watchTab } from './tabs.ts';

export interface SsoOptions {
  /** Where the SSO service lives: `https://sso.example.com`. */
  ssoOrigin: string;
  /** Whether app sessions start by themselves, as they do by default, or only when the person says so. */
  mode?: 'automatic' | 'confirm';
  /** Is told of every step as it happens. */
  onStep?: (report: StepReport) => void;
}

export interface Sso {
  /** Steps 1 to 4, in mode `confirm` 1 and 2: finds the person if they are known anywhere on the site. */
  signIn(): Promise<Outcome>;
  /** Step 2 once more, then 3 and 4: the person goes on as this account, in mode `confirm` as no other. */
  confirm(account: Account): Promise<Outcome>;
  /** Step 5, then 3 and 4: signs in with a password. */
  logIn(username: string, password: string): Promise<Outcome>;
  /** Ends the SSO session, then this app's; `password wanted` when both are gone. */
  signOut(): Promise<Outcome>;
  /**
   * Asks anew whenever the person looks at this tab or its window again, or signs out in another tab of this
   * app, so that what happened elsewhere shows; and after a while where nobody answered.
   *
   * @returns a function that stops it
   */
  watch(onOutcome: (outcome: Outcome) => void): () => void;
}

/** The flow for one page. Its functions never reject: whatever happens is an {@link Outcome}. */
export function createSso({ ssoOrigin, mode = 'automatic', onStep = () => {} }: SsoOptions): Sso {
  // Step 1. Whoever has an app session needs nothing else.
  async function signIn(): Promise<Outcome> {
    const here = await askHere();
    if (here.status === 'signed out') return await askAround();
    skip('not needed: signed in here', 2, 5, 3, 4);
    return here;
  }

  // Step 2. Whoever has an SSO session needs no password, at most to say that they go on.
  async function askAround(confirmed?: Account): Promise<Outcome> {
    const there = await askThere();
    if (there.status === 'signed out') return { status: 'password wanted' };
    skip('not needed: signed in there', 5);
    if (isUnasked(there.account, confirmed)) return confirmationWanted(there.account);
    return await carryOver(there.account);
  }

  // Steps 3 and 4. The token is asked of the SSO service and given to the app at once.
  async function carryOver(person: Account, mayRetry = true): Promise<Outcome> {
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
      // Somebody else can have signed in there a moment ago.
      return isUnasked(account, person) ? await endUnasked(account) : { status: 'signed in', account };
    } catch (stop) {
      // A login in another tab can end the SSO session between its token's birth and its redemption.
      // The session that replaced it is as good: ask for a token of that one, once.
      if (mayRetry && isRefused(stop, 'invalid-token')) return await carryOver(person, false);
      throw stop;
    }
  }

  // Step 5, and on with 3.
  async function logIn(username: string, password: string): Promise<Outcome> {
    const { account } = await askSso<SignedIn>(
      5,
      { request: 'login', username, password },
      ({ account }) => account.id && 'password right',
    );
    return await carryOver(account);
  }

  // The SSO session first: an app session without it dies by itself, but not the other way round. Tabs that are
  // told in between take their turn after this one.
  async function signOut(): Promise<Outcome> {
    await askSso<SignedOut>('sign out', { request: 'logout' }, ({ status }) => status);
    tellOtherTabs(pageId);
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
    return isUnasked(there.account) ? await endUnasked(there.account) : await carryOver(there.account);
  }

  /** Whether the person has yet to say that they go on as the one who was found. */
  const isUnasked = (found: Account, confirmed?: Account) => mode === 'confirm' && found.id !== confirmed?.id;

  const confirmationWanted = (account: Account): Outcome => ({ status: 'confirmation wanted', account });

  const endUnasked = async (account: Account) => {
    await endHere();
    return confirmationWanted(account);
  };

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

  // By which this page knows its own words among those of other tabs.
  const pageId = crypto.randomUUID();

  return {
    // Whoever comes back by the back button may have signed out since, elsewhere.
    signIn: () => inTurn(cameBack() ? lookAgain : signIn),
    confirm: (account) => inTurn(() => askAround(account)),
    logIn: (username, password) => inTurn(() => logIn(username, password)),
    signOut: () => inTurn(signOut),
    watch: (onOutcome) => watchTab(pageId, lookAgain, onOutcome),
  };
}

/** In words, if it makes sense, whether anyone is signed in. */
function standing(answer: SessionAnswer, where: string): string | false {
  return (answer.status === 'signed out' || answer.account.id !== undefined) && `${answer.status} ${where}`;
}
