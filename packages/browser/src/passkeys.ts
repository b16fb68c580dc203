/**
 * Asks the browser for a passkey (Web Authentication Level 3, sections 5.1.4 and 5.1.10), on click or in the
 * autofill of a username field. `sign-in.ts` loads this module when it is first needed. The account page of
 * the SSO service uses it with its own requests.
 */
import type { AuthenticationCredential, PasskeyChallengeResponse } from '@samesite-sso/protocol';

type PasskeyOptions = PasskeyChallengeResponse['publicKey'];

/** The requests around a passkey, which never reject, and their results. */
export interface PasskeyRequests<Result> {
  /** @returns the options with a new challenge, or why there are none */
  fetchOptions(): Promise<{ options: PasskeyOptions } | { failure: Result }>;
  signIn(credential: AuthenticationCredential): Promise<{
    result: Result;
    isSignedIn: boolean;
    /** Whether the service says that no account has this passkey. */
    isUnknown: boolean;
  }>;
}

export type PasskeyFailure =
  /**
   * The person canceled, or waited too long, or has no passkey of this site on this device. Or a dialog is
   * open already.
   */
  | { status: 'passkey-canceled' }
  /** The browser can't use passkeys, or not on this page. */
  | { status: 'passkey-unavailable' };

/** A challenge is renewed in good time before it expires: pages stay open for hours. */
const RENEWAL_SHARE = 0.75;

/** How long after a failure the autofill offers passkeys again. The time doubles, up to the maximum. */
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;

// A page can ask for one passkey at a time. A click comes first: the autofill's offer is ended for it, and
// the autofill waits. It is stopped if the click signs somebody in.
let endAutofill = () => {};
let stopAutofill = () => {};
let autofillDone: Promise<unknown> = Promise.resolve();
let clickDone: Promise<unknown> = Promise.resolve();

/**
 * Asks for a passkey at once, in a dialog of the browser. Call it in the handler of a click.
 *
 * @param signal ends the dialog
 */
export async function signInWithPasskey<Result>(
  requests: PasskeyRequests<Result>,
  signal?: AbortSignal,
): Promise<Result | PasskeyFailure> {
  if (!canUsePasskeys()) return { status: 'passkey-unavailable' };
  const { promise, resolve } = Promise.withResolvers<void>();
  clickDone = Promise.all([clickDone, promise]);
  endAutofill();
  try {
    const fetched = await requests.fetchOptions();
    await autofillDone;
    if ('failure' in fetched) return fetched.failure;
    const { options } = fetched;
    // A page may pass this function to `onclick` as it is: then an event comes first.
    const asked = await askForPasskey(options, signal instanceof AbortSignal ? { signal } : {});
    if ('failure' in asked) return asked.failure;
    const { result, isSignedIn } = await sendPasskey(requests, options, asked.credential);
    if (isSignedIn) stopAutofill(); // The page may show its form for a moment more.
    return result;
  } finally {
    resolve();
  }
}

/**
 * Offers passkeys in the autofill of the field with `autocomplete="username webauthn"`, until it is stopped
 * or somebody has signed in.
 *
 * @param onResult called after each sign-in with a passkey that the person has picked
 * @returns a function that stops it
 */
export function autofillPasskeys<Result>(
  requests: PasskeyRequests<Result>,
  onResult: (result: Result) => void,
): () => void {
  const stopping = new AbortController();
  stopAutofill = () => stopping.abort();
  void offerPasskeys(requests, onResult, stopping.signal);
  return () => stopping.abort();
}

async function offerPasskeys<Result>(
  requests: PasskeyRequests<Result>,
  onResult: (result: Result) => void,
  stopped: AbortSignal,
): Promise<void> {
  if (!canUsePasskeys() || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  let retryMs = FIRST_RETRY_MS;
  let held: HeldOptions | null = null;
  while (!stopped.aborted) {
    await clickDone;
    await waitUntilVisible(stopped);
    if (stopped.aborted) return;
    if (held === null || held.renewAtMs <= Date.now()) held = await holdOptions(requests);
    const offered = held === null ? 'failed' : await offerOnce(requests, held, stopped);
    if (offered === 'ended') {
      retryMs = FIRST_RETRY_MS;
      continue;
    }
    if (offered === 'unavailable') return;
    if (offered !== 'failed') {
      held = null; // Its challenge has been used.
      onResult(offered.result);
      if (offered.isSignedIn) return;
    }
    await delay(retryMs, stopped);
    retryMs = Math.min(2 * retryMs, MAX_RETRY_MS);
  }
}

/** Options whose challenge hasn't been signed yet. The browser can offer them any number of times. */
interface HeldOptions {
  options: PasskeyOptions;
  /** By `Date.now()`, which goes on while the machine sleeps. */
  renewAtMs: number;
}

async function holdOptions(requests: PasskeyRequests<unknown>): Promise<HeldOptions | null> {
  const fetched = await requests.fetchOptions();
  if ('failure' in fetched) return null;
  const { options } = fetched;
  return { options, renewAtMs: Date.now() + options.timeout * RENEWAL_SHARE };
}

/** Offers passkeys until the challenge ages, a click ends it, or the person has picked one. */
async function offerOnce<Result>(
  requests: PasskeyRequests<Result>,
  { options, renewAtMs }: HeldOptions,
  stopped: AbortSignal,
) {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), renewAtMs - Date.now());
  endAutofill = () => ending.abort();
  const signal = AbortSignal.any([stopped, ending.signal]);
  await clickDone; // A click that begins from now on aborts `ending`.
  if (signal.aborted) {
    clearTimeout(timer);
    return 'ended';
  }
  const asking = askForPasskey(options, { mediation: 'conditional', signal });
  autofillDone = asking;
  const asked = await asking;
  clearTimeout(timer);
  if (signal.aborted && 'failure' in asked) return 'ended';
  if ('credential' in asked) return await sendPasskey(requests, options, asked.credential);
  return asked.failure.status === 'passkey-unavailable' ? 'unavailable' : 'failed';
}

/** Never rejects. */
async function askForPasskey(
  options: PasskeyOptions,
  how: CredentialRequestOptions,
): Promise<{ credential: PublicKeyCredential } | { failure: PasskeyFailure }> {
  try {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials.get({ ...how, publicKey });
    return { credential: credential as PublicKeyCredential };
  } catch (error) {
    // Chromium's OperationError: a dialog is open already.
    const isCanceled = /^(NotAllowed|Abort|Operation)Error$/.test((error as Error).name);
    return { failure: { status: isCanceled ? 'passkey-canceled' : 'passkey-unavailable' } };
  }
}

async function sendPasskey<Result>(
  requests: PasskeyRequests<Result>,
  { rpId }: PasskeyOptions,
  credential: PublicKeyCredential,
) {
  const { id: credentialId } = credential;
  const sent = await requests.signIn(credential.toJSON() as AuthenticationCredential);
  // The browser may then hide it. Only the service can know that, and says so to nobody else.
  if (sent.isUnknown)
    void PublicKeyCredential.signalUnknownCredential?.({ rpId, credentialId }).catch(() => {});
  return sent;
}

/** Browsers before March 2025 lack this function, and insecure contexts have no `PublicKeyCredential`. */
function canUsePasskeys(): boolean {
  return typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function';
}

/** Resolves once the page is visible, or the signal is aborted. */
async function waitUntilVisible(stopped: AbortSignal): Promise<void> {
  if (document.visibilityState === 'visible' || stopped.aborted) return;
  const { promise, resolve } = Promise.withResolvers<unknown>();
  document.addEventListener('visibilitychange', resolve, { once: true, signal: stopped });
  stopped.addEventListener('abort', resolve);
  await promise;
  stopped.removeEventListener('abort', resolve);
}

function delay(durationMs: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, durationMs);
    stopped.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
