/**
 * The way out: ends the app session and the SSO session. One request that arrives is enough, since the two
 * servers tell each other; a sign-out that isn't known to be finished is remembered for the next page.
 */
import { FlowError, isServerUnavailable } from './ask.ts';
import type { Outcome } from './outcome.ts';
import { forgetSignOut, rememberedSignOut, rememberSignOut } from './remembered-sign-out.ts';

/** How long a sign-out waits for the SSO service once the app has answered. */
const SSO_SIGN_OUT_WAIT_MS = 1000;

/** Each sends its request within the call, and throws a {@link FlowError} without a good answer. */
interface Requests {
  /** Ends the SSO session. */
  endThere(): Promise<void>;
  /**
   * Ends the app session and has the app's server end the SSO session.
   *
   * @returns whether there was an app session, so that the server knows which SSO session to end
   */
  endBySite(): Promise<boolean>;
  isSignedInHere(): Promise<boolean>;
}

export class SignOut {
  readonly #requests: Requests;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Sends both requests before it awaits anything: the person may close the page right after the click. */
  async start(): Promise<Outcome> {
    rememberSignOut('sent');
    return await this.#endBoth();
  }

  /**
   * Finishes the sign-out of an earlier page, if there is one. Where a server may know of it already, it asks
   * only the app: the browser's SSO session may be a newer one.
   */
  async finish(): Promise<void> {
    const state = rememberedSignOut();
    if (state === 'failed') await this.#endBoth();
    if (state === 'sent') await this.#endHere();
  }

  async #endBoth(): Promise<Outcome> {
    const { endThere, endBySite } = this.#requests;
    const logout = endThere().then(
      () => null,
      (failure: unknown) => failure,
    );
    let hadSession: boolean;
    try {
      hadSession = await endBySite();
    } catch (stop) {
      if (isFinal(stop)) forgetSignOut();
      else rememberSignOut((await logout) === null ? 'sent' : 'failed');
      throw stop;
    }
    if (hadSession) {
      forgetSignOut();
      const timeout = new Promise<true>((resolve) => setTimeout(resolve, SSO_SIGN_OUT_WAIT_MS, true));
      const failure = await Promise.race([logout, timeout]);
      return { status: failure === null ? 'password wanted' : 'sign-out pending' };
    }
    // Without an app session, only this page can tell the SSO service.
    const failure = await logout;
    if (failure === null || isFinal(failure)) forgetSignOut();
    else rememberSignOut('failed');
    if (failure !== null) throw failure;
    return { status: 'password wanted' };
  }

  async #endHere(): Promise<void> {
    try {
      await this.#requests.endBySite();
    } catch (stop) {
      if (isFinal(stop)) forgetSignOut();
      // Where a firewall refuses DELETE, the app session may still have ended, by time or by the SSO service.
      if (isFinal(stop) || (await this.#requests.isSignedInHere())) throw stop;
    }
    forgetSignOut();
  }
}

/** Whether a server would refuse the same request again. */
function isFinal(stop: unknown): boolean {
  return stop instanceof FlowError && stop.outcome.status === 'refused' && !isServerUnavailable(stop.outcome);
}
