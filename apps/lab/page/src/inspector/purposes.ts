/** What each request is for, and which of the five steps it belongs to. */

export interface Purpose {
  /** Null outside the five steps. */
  step: 1 | 2 | 3 | 4 | 5 | null;
  text: string;
}

/** By `purpose`, as the reporters name it. */
const purposes: Record<string, Purpose> = {
  document: {
    step: null,
    text: 'The browser loads the page’s HTML, which contains the address of the SSO service.',
  },
  'app session': { step: 1, text: 'The page asks its own app’s server whether somebody is signed in here.' },
  preflight: {
    step: null,
    text:
      'Before a cross-origin request with JSON, the browser asks the server whether this origin may send ' +
      'it. The preflight carries no cookie, and the page’s script never sees it.',
  },
  'login status': {
    step: 2,
    text:
      'The page asks the SSO service, across origins, whether somebody is signed in on this site. The SSO ' +
      'cookie, if there is one, is sent with it.',
  },
  'authentication token': {
    step: 3,
    text:
      'The page fetches a signed token from the SSO service. It is valid for this app only, can be used ' +
      'once, and expires within seconds.',
  },
  'start app session': {
    step: 4,
    text:
      'The page hands the token to its app’s server. That server checks it with the SSO service, and then ' +
      'sets its own session cookie.',
  },
  introspection: {
    step: 4,
    text:
      'Between the servers: the app’s server sends the token to the SSO service, which checks and redeems ' +
      'it. A signed client assertion proves which app is asking.',
  },
  login: {
    step: 5,
    text:
      'The page sends the username and the password straight to the SSO service. The app’s server never ' +
      'sees them. Step 3 follows.',
  },
  'passkey challenge': {
    step: null,
    text:
      'The page asks the SSO service for a challenge that a passkey can sign. The challenge is bound to ' +
      'this page’s origin, and asking for one changes nothing.',
  },
  'passkey login': {
    step: 5,
    text:
      'The page sends the SSO service what a passkey has signed, in place of a password. Nothing in it ' +
      'can be used twice, or by another page. Step 3 follows.',
  },
  logout: {
    step: null,
    text: 'Single logout: the page ends the SSO session, and with it the session at every app.',
  },
  'end app session': {
    step: null,
    text: 'Single logout: at the same time, the page ends its app session. Either request is enough.',
  },
  'end session': {
    step: null,
    text:
      'Single logout, between the servers: the app tells the SSO service to end the session, in case the ' +
      'page’s own request gets lost.',
  },
  'logout token': {
    step: null,
    text:
      'Single logout, between the servers: a signed logout token tells the app that the SSO session has ' +
      'ended. The app then ends its own session.',
  },
  'key set': {
    step: null,
    text: 'A server fetches the public keys of another server, to check that server’s signatures.',
  },
  metadata: { step: null, text: 'The SSO service publishes its addresses and what it supports.' },
  'account page': {
    step: null,
    text: 'The account page sends requests only to its own origin. No app’s page can read the responses.',
  },
  'api request': {
    step: null,
    text: 'The page asks its app for data. The app session’s cookie tells the app who is asking.',
  },
};

const stepNames: Record<NonNullable<Purpose['step']>, string> = {
  1: 'ask the app',
  2: 'ask the SSO service',
  3: 'fetch an authentication token',
  4: 'give the token to the app',
  5: 'sign in with the password, or with a passkey',
};

/** Returns what a request is for, or a general text for one that isn't part of the protocol. */
export function explainPurpose(purpose: string): Purpose {
  const known = Object.hasOwn(purposes, purpose) ? purposes[purpose] : undefined;
  return known ?? { step: null, text: 'This request isn’t part of the sign-in or of single logout.' };
}

/** Such as `Step 2 of 5: ask the SSO service`. */
export function nameStep(step: NonNullable<Purpose['step']>): string {
  return `Step ${step} of 5: ${stepNames[step]}`;
}
