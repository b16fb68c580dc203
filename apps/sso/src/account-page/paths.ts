/** Where the account page asks: the one list for its server and for the page. */
export const ACCOUNT_PATHS = {
  overview: '/account/overview',
  login: '/account/login',
  logout: '/account/logout',
  sessions: '/account/sessions',
  password: '/account/password',
  assets: '/account/assets/',
} as const;
