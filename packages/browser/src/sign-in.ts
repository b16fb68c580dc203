/**
 * The five steps, as the page walks them. Read from `signIn` downwards. `flows.ts` runs one flow at a time,
 * `sign-out.ts` leads out again.
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
import { ask, FlowError, isRefused, isServerUnavailable, type Question } from './ask.ts';
import { Flows } from './flows.ts';
import { checkOptionNames, checkOptions, type SsoOptions } from './options.ts';
import type { Outcome, Step } from './outcome.ts';
import { forgetSignOut } from './remembered-sign-out.ts';
import { SignOut } from './sign-out.ts';
import { cameBack, tellOtherTabs, watchTab } from './tabs.ts';

/** App sessions are renewed in their last 5 s, or in their last tenth if that is shorter. */
const RENEWAL_SECONDS = 5;

export interface Sso {
  /** Steps 1 to 4, in mode `confirm` 1 and 2: finds the person if they are known anywhere on the site. */
  signIn(): Promise<Outcome>;
  /** Step 2 once more, then 3 and 4: the person goes on as this account, in mode `confirm` as no other. */
  confirm(account: Account): Promise<Outcome>;
  /** Step 5, then 3 and 4: signs in with a password. */
  logIn(username: string, password: string): Promise<Outcome>;
  /**
   * Ends the app session and the SSO session. The requests are sent within the call, and the browser sends
   * them even if the page is left at once.
   */
  signOut(): Promise<Outcome>;
  /**
   * Asks again whenever the person returns to this tab or its window, or signs out in another tab of this
   * app; after a pause, where a server didn't answer; and, while the tab is visible, shortly before the app
   * session ends, to renew it.
   *
   * @returns a function that stops it
   */
  watch(onOutcome: (outcome: Outcome) => void): () => void;
}

/**
 * The flow for one page. Its functions never reject: whatever happens is an {@link Outcome}.
 *
 * @throws {TypeError} if an option is unknown or can't be right
 */
export function createSso(options: SsoOptions): Sso {
  checkOptionNames(options);
  const { ssoOrigin, basePath = '', mode = 'automatic', onStep = () => {} } = options;
  checkOptions({ ssoOrigin, basePath, mode, onStep });

  // Step 1. A person with an app session needs nothing else.
  async function signIn(): Promise<Outcome> {
    const here = await askHere();
    if (here.status === 'signed out') return await askAround();
    skip('not needed: signed in here', 2, 5, 3, 4);
    return here;
  }

  // Step 2. A person with an SSO session needs no password, at most to say that they go on.
  async function askAround(confirmed?: Account): Promise<Outcome> {
    const there = await askThere();
    if (there.status === 'signed out') return { status: 'password wanted' };
    skip('not needed: signed in there', 5);
    if (isUnasked(there.account, confirmed)) return confirmationWanted(there.account);
    return await carryOver(there.account);
  }

  // Steps 3 and 4. The token is asked of the SSO service and given to the app at once.
  async function carryOver(person: Account, issued = askToken(), mayRetry = true): Promise<Outcome> {
    const { token } = await issued;
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
      if (mayRetry && isRefused(stop, 'invalid-token')) {
        return await carryOver(person, askToken(), false);
      }
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
    forgetSignOut();
    const issued = askToken().catch((stop) => {
      // The password has just started a session, so the browser must have dropped its cookie.
      throw isRefused(stop, 'not-signed-in') ? new FlowError({ status: 'cookies blocked' }) : stop;
    });
    return await carryOver(account, issued);
  }

  // Step 2 even where 1 would do, since the person may have signed out, or changed, elsewhere.
  async function lookAgain(isRenewal = false): Promise<Outcome> {
    const here = await askHere();
    // The person whom the page shows needn't confirm again: only their app session has expired.
    if (here.status === 'signed out') return await askAround(shownAccount);
    // An SSO service that is down ends nobody's app session.
    const there = await askThere().catch(() => null);
    if (there?.status === 'signed out') {
      await endHere();
      return { status: 'password wanted' };
    }
    if (there && there.account.id !== here.account.id) {
      skip('not needed: somebody else signed in there', 5);
      return isUnasked(there.account) ? await endUnasked(there.account) : await carryOver(there.account);
    }
    // Another tab may have renewed it already.
    if (there && isRenewal && renewAtMs - Date.now() < 1000 * RENEWAL_SECONDS) {
      skip('not needed: still signed in there', 5);
      return await carryOver(there.account);
    }
    skip('not needed: still signed in', 5, 3, 4);
    return here;
  }

  /** Whether the person has yet to say that they go on as the one who was found. */
  const isUnasked = (found: Account, confirmed?: Account) => mode === 'confirm' && found.id !== confirmed?.id;

  const confirmationWanted = (account: Account): Outcome => ({ status: 'confirmation wanted', account });

  const endUnasked = async (account: Account) => {
    await endHere();
    return confirmationWanted(account);
  };

  const endHere = () => askApp<SignedOut>('sign out', 'DELETE', undefined, ({ status }) => status);

  /** Ends the app session and, by the app's server, the SSO session. @returns whether there was one to end */
  const endBySite = async () => {
    let hadSession = false;
    await askApp<SignedOut>('sign out', 'DELETE', undefined, ({ status }) => status, {
      query: '?scope=site',
      onHeaders: (headers) => {
        hadSession = headers.get('Sign-Out-Scope') === 'site';
      },
    });
    return hadSession;
  };

  const endThere = async () => {
    await askSso<SignedOut>('sign out', { request: 'logout' }, ({ status }) => status, true);
  };

  const askHere = () => askApp<SessionAnswer>(1, 'GET', undefined, (answer) => standing(answer, 'here'));

  const askThere = () =>
    askSso<LoginStatusAnswer>(2, { request: 'login status' }, (answer) => standing(answer, 'there'));

  const askToken = () =>
    askSso<AuthenticationTokenAnswer>(
      3,
      { request: 'authentication token' },
      ({ token, expiresIn }) => token && `a token for ${expiresIn} s`,
    );

  const askSso = <Answer>(
    step: Question['step'],
    body: CrossOriginRequest,
    why: (answer: Answer) => string | undefined | false,
    keepalive = false,
  ) =>
    ask(
      {
        step,
        method: 'POST',
        origin: ssoOrigin,
        path: '/',
        body,
        keepalive,
        silence: 'SSO service unreachable',
      },
      onStep,
      why,
    );

  const askApp = <Answer>(
    step: Question['step'],
    method: Question['method'],
    body: { token: string } | undefined,
    why: (answer: Answer) => string | undefined | false,
    { query = '', onHeaders }: { query?: string; onHeaders?: (headers: Headers) => void } = {},
  ) =>
    ask(
      {
        step,
        method,
        origin: location.origin,
        path: `${basePath}/session${query}`,
        ...(body && { body }),
        keepalive: method === 'DELETE',
        silence: 'app unreachable',
        onHeaders: (headers) => {
          noteRenewal(headers);
          onHeaders?.(headers);
        },
      },
      onStep,
      why,
    );

  const skip = (why: string, ...steps: Step[]) => {
    for (const step of steps) onStep({ step, state: 'skipped', why });
  };

  // Marks this page's own messages to the other tabs. It isn't a secret, and insecure pages lack
  // `crypto.randomUUID`.
  const pageId = Math.random();

  // When to renew the app session, by `Date.now()`; NaN without a session, or where its end is unknown.
  let renewAtMs = Number.NaN;

  function noteRenewal(headers: Headers): void {
    const seconds = Number.parseInt(headers.get('Session-Max-Age') ?? '', 10);
    renewAtMs = Date.now() + 1000 * (seconds - Math.min(RENEWAL_SECONDS, seconds / 10));
  }

  // The account that the page shows as signed in.
  let shownAccount: Account | undefined;

  const flows = new Flows();
  flows.listeners.add((outcome) => {
    if (isServerUnavailable(outcome)) return;
    shownAccount = outcome.status === 'signed in' ? outcome.account : undefined;
  });
  const out = new SignOut({
    endThere,
    endBySite,
    isSignedInHere: async () => (await askHere()).status === 'signed in',
  });
  const finishSignOutThen = async (flow: () => Promise<Outcome>) => {
    await out.finish();
    return await flow();
  };
  const run = (flow: () => Promise<Outcome>) => flows.run(() => finishSignOutThen(flow));

  return {
    // After the back button, the person may have signed out elsewhere in the meantime.
    signIn: () => run(cameBack() ? lookAgain : signIn),
    confirm: (account) => run(() => askAround(account)),
    logIn: (username, password) => flows.run(() => logIn(username, password)),
    signOut: () => flows.runSignOut(out.start().finally(() => tellOtherTabs(pageId))),
    watch: (onOutcome) =>
      watchTab({
        flows,
        pageId,
        lookAgain: (isRenewal) => finishSignOutThen(() => lookAgain(isRenewal)),
        renewAtMs: () => renewAtMs,
        onOutcome,
      }),
  };
}

/** In words, if it makes sense, whether anyone is signed in. */
function standing(answer: SessionAnswer, where: string): string | false {
  return (answer.status === 'signed out' || answer.account.id !== undefined) && `${answer.status} ${where}`;
}
