/**
 * The five steps in flow order: what is asked, what is answered. Steps 2, 3 and 5 are the cross-origin
 * requests, told apart by `request`; 1 and 4 stay on the app's own origin. A member that a request does
 * not know is refused. The refusals that each step can meet stand in `problems.ts`.
 */
import { type Static, Type } from 'typebox';
import { SignedIn, SignedOut } from './account.ts';

const closed = { additionalProperties: false };

// Step 1 · page → its app · GET /session

export const SessionAnswer = Type.Union([SignedIn, SignedOut]);
export type SessionAnswer = Static<typeof SessionAnswer>;

// Step 2 · page → SSO service · POST /

export const LoginStatusRequest = Type.Object({ request: Type.Literal('login status') }, closed);
export const LoginStatusAnswer = Type.Union([SignedIn, SignedOut]);
export type LoginStatusAnswer = Static<typeof LoginStatusAnswer>;

// Step 3 · page → SSO service · POST /

export const AuthenticationTokenRequest = Type.Object(
  { request: Type.Literal('authentication token') },
  closed,
);
export const AuthenticationTokenAnswer = Type.Object(
  {
    token: Type.String(),
    /** Seconds until the token expires. */
    expiresIn: Type.Integer({ minimum: 1 }),
  },
  closed,
);
export type AuthenticationTokenAnswer = Static<typeof AuthenticationTokenAnswer>;

// Step 4 · page → its app · POST /session

export const StartSessionRequest = Type.Object({ token: Type.String({ maxLength: 4096 }) }, closed);
export type StartSessionRequest = Static<typeof StartSessionRequest>;
export const StartSessionAnswer = SignedIn;

// And out again · page → its app · DELETE /session · answered `SignedOut`

/** `?scope=site`: the app's server also ends the SSO session (`logout.ts`). */
export const EndSessionQuery = Type.Object({ scope: Type.Optional(Type.Literal('site')) }, closed);
export type EndSessionQuery = Static<typeof EndSessionQuery>;

// Step 5 · page → SSO service · POST / · answered like step 2

export const LoginRequest = Type.Object(
  {
    request: Type.Literal('login'),
    username: Type.String({ minLength: 1, maxLength: 1024 }),
    /** Longer than any stored password may be: one that is too long is wrong, not malformed. */
    password: Type.String({ minLength: 1, maxLength: 4096 }),
  },
  closed,
);
export type LoginRequest = Static<typeof LoginRequest>;

// And out again · page → SSO service · POST / · answered like step 2

export const LogoutRequest = Type.Object({ request: Type.Literal('logout') }, closed);

/** Whatever may be sent to the cross-origin endpoint. */
export const CrossOriginRequest = Type.Union([
  LoginStatusRequest,
  AuthenticationTokenRequest,
  LoginRequest,
  LogoutRequest,
]);
export type CrossOriginRequest = Static<typeof CrossOriginRequest>;

/** Whatever it answers, if it does not refuse. */
export const CrossOriginAnswer = Type.Union([SignedIn, SignedOut, AuthenticationTokenAnswer]);
