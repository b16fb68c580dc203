/**
 * The page's requests in the five steps, and their responses. Steps 2, 3 and 5 are cross-origin requests,
 * distinguished by the member `request`. Steps 1 and 4 stay on the app's origin. Requests with unknown
 * members are refused; `problems.ts` lists the errors. `packages/browser` sends the requests, and says why
 * step 5 comes before step 3 in time.
 */
import * as v from 'valibot';
import { base64Url, boundedString, jsonObject } from './schema-parts.ts';

/** An account as all parts of the system exchange it, without any secret. */
export const Account = v.strictObject({
  /** Never changes and is never reused, so apps can store it. */
  id: boundedString(1, 64),
  /** What the person types to sign in. */
  username: boundedString(1, 254),
  /** The person's name on screen. */
  displayName: boundedString(1, 128),
});
export type Account = v.InferOutput<typeof Account>;

export const SignedIn = v.strictObject({ status: v.literal('signed in'), account: Account });
export type SignedIn = v.InferOutput<typeof SignedIn>;

export const SignedOut = v.strictObject({ status: v.literal('signed out') });
export type SignedOut = v.InferOutput<typeof SignedOut>;

// Step 1 of 5 · page → its app · GET /session

export const SessionResponse = v.variant('status', [SignedIn, SignedOut]);
export type SessionResponse = v.InferOutput<typeof SessionResponse>;

// Step 2 of 5 · page → SSO service · POST /

export const LoginStatusRequest = v.strictObject({ request: v.literal('login status') });
export const LoginStatusResponse = v.variant('status', [SignedIn, SignedOut]);
export type LoginStatusResponse = v.InferOutput<typeof LoginStatusResponse>;

// Step 3 of 5 · page → SSO service · POST /

export const AuthenticationTokenRequest = v.strictObject({ request: v.literal('authentication token') });
export const AuthenticationTokenResponse = v.strictObject({
  token: v.string(),
  /** Seconds until the token expires. */
  expiresIn: v.pipe(v.number(), v.integer(), v.minValue(1)),
});
export type AuthenticationTokenResponse = v.InferOutput<typeof AuthenticationTokenResponse>;

// Step 4 of 5 · page → its app · POST /session

export const StartSessionRequest = v.strictObject({ token: boundedString(0, 4096) });
export type StartSessionRequest = v.InferOutput<typeof StartSessionRequest>;
export const StartSessionResponse = SignedIn;

// Sign-out · page → its app · DELETE /session · response `SignedOut`

/** `?scope=site`: the app's server also ends the SSO session (`sign-out-delivery.ts`). */
export const EndSessionQuery = v.pipe(
  jsonObject,
  v.strictObject({ scope: v.exactOptional(v.literal('site')) }),
);
export type EndSessionQuery = v.InferOutput<typeof EndSessionQuery>;

// Step 5 of 5 · page → SSO service · POST / · same response as step 2

export const LoginRequest = v.strictObject({
  request: v.literal('login'),
  username: boundedString(1, 1024),
  /** Longer than any stored password, so that an overlong guess gets `invalid-credentials`, not 400. */
  password: boundedString(1, 4096),
  /**
   * Of the authenticator app, or a recovery code. Needed if the account has an authenticator app. Any other
   * text is a wrong code, not an invalid request.
   */
  code: v.exactOptional(boundedString(0, 4096)),
});
export type LoginRequest = v.InferOutput<typeof LoginRequest>;

// Step 5 of 5 with a passkey · page → SSO service · POST / · the second response is the same as in step 2

export const PasskeyChallengeRequest = v.strictObject({ request: v.literal('passkey challenge') });
/** Options for `navigator.credentials.get` (WebAuthn Level 3, `PublicKeyCredentialRequestOptionsJSON`). */
export const PasskeyChallengeResponse = v.strictObject({
  publicKey: v.strictObject({
    challenge: v.string(),
    rpId: v.string(),
    timeout: v.number(),
    userVerification: v.literal('required'),
    allowCredentials: v.array(v.strictObject({ type: v.literal('public-key'), id: v.string() })),
  }),
});
export type PasskeyChallengeResponse = v.InferOutput<typeof PasskeyChallengeResponse>;

/** `AuthenticationResponseJSON` of WebAuthn Level 3. Members that the service doesn't need are ignored. */
export const AuthenticationCredential = v.object({
  id: base64Url(1364),
  rawId: base64Url(1364),
  type: v.literal('public-key'),
  response: v.object({
    clientDataJSON: base64Url(2048),
    authenticatorData: base64Url(2048),
    signature: base64Url(1024),
    userHandle: v.exactOptional(v.nullable(base64Url(128))),
  }),
});
export type AuthenticationCredential = v.InferOutput<typeof AuthenticationCredential>;

export const PasskeyLoginRequest = v.strictObject({
  request: v.literal('passkey login'),
  credential: AuthenticationCredential,
});
export type PasskeyLoginRequest = v.InferOutput<typeof PasskeyLoginRequest>;

// Sign-out · page → SSO service · POST / · response `SignedOut`

export const LogoutRequest = v.strictObject({ request: v.literal('logout') });

/** All requests to the cross-origin endpoint. */
export const CrossOriginRequest = v.variant('request', [
  LoginStatusRequest,
  AuthenticationTokenRequest,
  LoginRequest,
  PasskeyChallengeRequest,
  PasskeyLoginRequest,
  LogoutRequest,
]);
export type CrossOriginRequest = v.InferOutput<typeof CrossOriginRequest>;

/** All its successful responses. */
export const CrossOriginResponse = v.union([
  SignedIn,
  SignedOut,
  AuthenticationTokenResponse,
  PasskeyChallengeResponse,
]);
