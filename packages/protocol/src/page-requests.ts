/**
 * The page's requests in the five steps, and their responses. Steps 2, 3 and 5 are cross-origin requests,
 * distinguished by the member `request`. Steps 1 and 4 stay on the app's origin. Requests with unknown
 * members are refused; `problems.ts` lists the errors. `packages/browser` sends the requests, and says why
 * step 5 comes before step 3 in time.
 */
import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false };

/** An account as all parts of the system exchange it, without any secret. */
export const Account = Type.Object(
  {
    /** Never changes and is never reused, so apps can store it. */
    id: Type.String({ minLength: 1, maxLength: 64 }),
    /** What the person types to sign in. */
    username: Type.String({ minLength: 1, maxLength: 254 }),
    /** The person's name on screen. */
    displayName: Type.String({ minLength: 1, maxLength: 128 }),
  },
  closed,
);
export type Account = Static<typeof Account>;

export const SignedIn = Type.Object({ status: Type.Literal('signed in'), account: Account }, closed);
export type SignedIn = Static<typeof SignedIn>;

export const SignedOut = Type.Object({ status: Type.Literal('signed out') }, closed);
export type SignedOut = Static<typeof SignedOut>;

// Step 1 of 5 · page → its app · GET /session

export const SessionResponse = Type.Union([SignedIn, SignedOut]);
export type SessionResponse = Static<typeof SessionResponse>;

// Step 2 of 5 · page → SSO service · POST /

export const LoginStatusRequest = Type.Object({ request: Type.Literal('login status') }, closed);
export const LoginStatusResponse = Type.Union([SignedIn, SignedOut]);
export type LoginStatusResponse = Static<typeof LoginStatusResponse>;

// Step 3 of 5 · page → SSO service · POST /

export const AuthenticationTokenRequest = Type.Object(
  { request: Type.Literal('authentication token') },
  closed,
);
export const AuthenticationTokenResponse = Type.Object(
  {
    token: Type.String(),
    /** Seconds until the token expires. */
    expiresIn: Type.Integer({ minimum: 1 }),
  },
  closed,
);
export type AuthenticationTokenResponse = Static<typeof AuthenticationTokenResponse>;

// Step 4 of 5 · page → its app · POST /session

export const StartSessionRequest = Type.Object({ token: Type.String({ maxLength: 4096 }) }, closed);
export type StartSessionRequest = Static<typeof StartSessionRequest>;
export const StartSessionResponse = SignedIn;

// Sign-out · page → its app · DELETE /session · response `SignedOut`

/** `?scope=site`: the app's server also ends the SSO session (`sign-out-delivery.ts`). */
export const EndSessionQuery = Type.Object({ scope: Type.Optional(Type.Literal('site')) }, closed);
export type EndSessionQuery = Static<typeof EndSessionQuery>;

// Step 5 of 5 · page → SSO service · POST / · same response as step 2

export const LoginRequest = Type.Object(
  {
    request: Type.Literal('login'),
    username: Type.String({ minLength: 1, maxLength: 1024 }),
    /** Longer than any stored password, so that an overlong guess gets `invalid-credentials`, not 400. */
    password: Type.String({ minLength: 1, maxLength: 4096 }),
  },
  closed,
);
export type LoginRequest = Static<typeof LoginRequest>;

// Sign-out · page → SSO service · POST / · response `SignedOut`

export const LogoutRequest = Type.Object({ request: Type.Literal('logout') }, closed);

/** All requests to the cross-origin endpoint. */
export const CrossOriginRequest = Type.Union([
  LoginStatusRequest,
  AuthenticationTokenRequest,
  LoginRequest,
  LogoutRequest,
]);
export type CrossOriginRequest = Static<typeof CrossOriginRequest>;

/** All its successful responses. */
export const CrossOriginResponse = Type.Union([SignedIn, SignedOut, AuthenticationTokenResponse]);
