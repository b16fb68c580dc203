/**
 * The requests of the five steps and of signing out, each with the guard that validates its response body and
 * the label that `onStep` reports. `sign-in.ts` and `sign-out.ts` put them in order.
 */
import type {
  Account,
  AuthenticationTokenResponse,
  CrossOriginRequest,
  SessionResponse,
  SignedIn,
  SignedOut,
} from '@samesite-sso/protocol';
import type { SsoOptions } from './options.ts';
import type { StepReport } from './outcome.ts';
import { type FlowRequest, type Guard, sendRequest } from './send-request.ts';

/** App sessions are renewed in their last 5 s, or in their last tenth if that is shorter. */
export const RENEWAL_SECONDS = 5;

type AppRequest<Body> = Pick<FlowRequest<Body>, 'step' | 'method' | 'body' | 'isValid' | 'label'>;
type SsoRequest<Body> = Pick<FlowRequest<Body>, 'step' | 'isValid' | 'label' | 'account'> & {
  body: CrossOriginRequest;
};

export type Requests = ReturnType<typeof createRequests>;

export function createRequests({ ssoOrigin, basePath, onStep }: Omit<Required<SsoOptions>, 'mode'>) {
  let renewAtMs = Number.NaN;

  const sendToApp = async <Body>(request: AppRequest<Body>, query = '') => {
    const path = `${basePath}/session${query}`;
    const target = { origin: location.origin, path, unreachable: 'app-unreachable' } as const;
    const response = await sendRequest({ ...request, ...target }, onStep);
    const seconds = Number.parseInt(response.headers.get('Session-Max-Age') ?? '', 10);
    renewAtMs = Date.now() + 1000 * (seconds - Math.min(RENEWAL_SECONDS, seconds / 10));
    return response;
  };

  const sendToSso = async <Body>(request: SsoRequest<Body>, report = onStep) => {
    const target = { method: 'POST', origin: ssoOrigin, path: '/', unreachable: 'sso-unreachable' } as const;
    return (await sendRequest({ ...request, ...target }, report)).body;
  };

  return {
    sendToSso,

    /** Step 1 of 5, handled by `packages/relying-app`. */
    async fetchAppSession() {
      return (await sendToApp({ step: 1, method: 'GET', isValid: isSession, label: statusOf })).body;
    },

    /** Step 2 of 5, handled by `apps/sso`. */
    fetchLoginStatus: (report?: (report: StepReport) => void) =>
      sendToSso({ step: 2, body: { request: 'login status' }, isValid: isSession, label: statusOf }, report),

    /** Step 3 of 5, handled by `apps/sso`. */
    fetchToken: (account: Account) =>
      sendToSso({
        step: 3,
        account,
        body: { request: 'authentication token' },
        isValid: isToken,
        label: ({ expiresIn }) => `token issued for ${expiresIn} s`,
      }),

    /** Step 4 of 5, handled by `packages/relying-app`, which introspects the token at `apps/sso`. */
    async startAppSession(token: string) {
      const label = () => 'app session started';
      return (await sendToApp({ step: 4, method: 'POST', body: { token }, isValid: isSignedIn, label })).body;
    },

    /** Step 5 of 5, handled by `apps/sso`. */
    startSsoSession: (username: string, password: string, code?: string) =>
      sendToSso({
        step: 5,
        body: { request: 'login', username, password, ...(code && { code }) },
        isValid: isSignedIn,
        label: () => 'SSO session started',
      }),

    /** Ends the app session alone. */
    endAppSession: () => sendToApp(SIGN_OUT),

    /**
     * Ends the app session and has the app's server end the SSO session.
     *
     * @returns whether there was an app session, so that the server knows which SSO session to end
     */
    async endAppAndSsoSession() {
      const { headers } = await sendToApp(SIGN_OUT, '?scope=site');
      return headers.get('Sign-Out-Scope') === 'site';
    },

    endSsoSession: () => sendToSso({ ...SIGN_OUT, body: { request: 'logout' } }),

    /** When to renew the app session, by `Date.now()`; NaN without a session, or if its end is unknown. */
    renewAtMs: () => renewAtMs,
  };
}

const statusOf = ({ status }: SessionResponse) => status;

export const isSignedIn: Guard<SignedIn> = (body): body is SignedIn =>
  body?.status === 'signed in' &&
  typeof body.account?.id === 'string' &&
  typeof body.account.username === 'string' &&
  typeof body.account.displayName === 'string';

const isSignedOut: Guard<SignedOut> = (body): body is SignedOut => body?.status === 'signed out';

const isSession: Guard<SessionResponse> = (body): body is SessionResponse =>
  isSignedIn(body) || isSignedOut(body);

const isToken: Guard<AuthenticationTokenResponse> = (body): body is AuthenticationTokenResponse =>
  typeof body?.token === 'string' && typeof body.expiresIn === 'number';

const SIGN_OUT = {
  step: 'sign-out',
  method: 'DELETE',
  isValid: isSignedOut,
  label: statusOf,
} as const;
