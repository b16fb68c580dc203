/** The paths of the account page's endpoints, for the server and the page. */
export const ACCOUNT_PATHS = {
  overview: '/account/overview',
  login: '/account/login',
  logout: '/account/logout',
  sessions: '/account/sessions',
  password: '/account/password',
  reauthenticate: '/account/reauthenticate',
  authenticator: '/account/authenticator',
  passkeys: '/account/passkeys',
  passkeyChallenge: '/account/passkeys/challenge',
  recoveryCodes: '/account/recovery-codes',
  invitation: '/account/invitation',
  assets: '/account/assets/',
} as const;
