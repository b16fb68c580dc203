/** Requests with and without credentials, and which cookies are sent: point 2 of the article. */
import type { Experiment } from './experiment.ts';
import {
  fixedOrigin,
  formPost,
  get,
  jsonPost,
  jsonPut,
  noOrigin,
  oneStep,
  wrongPolicy,
} from './right-policy.ts';

const THIRD_PARTY_COOKIES =
  'Chromium sends a SameSite=None cookie to another site unless third-party cookies are blocked, as in ' +
  'incognito windows, and by default in Debian’s builds. ' +
  'Firefox partitions cookies by top-level site, so it doesn’t send the cookie of a first-party visit.';

export function credentialsExperiments(pageOrigin: string): readonly Experiment[] {
  const common = { group: 'credentials', points: [2], difference: null } as const;
  return [
    {
      ...common,
      id: 'wildcard-with-credentials',
      title: '* with credentials',
      points: [1, 2, 5],
      meant: 'Every origin may read the response, with or without the person’s cookies.',
      does:
        'With credentials, * isn’t a wildcard, and the browser keeps the response from the page. Otherwise ' +
        'every site could read what only the signed-in person may see.',
      instead:
        'Name the one origin that asked, if a list contains it. For public data, keep * and send the ' +
        'request without credentials.',
      ...wrongPolicy(pageOrigin, formPost, { allowOrigin: fixedOrigin('*') }),
    },
    {
      ...common,
      id: 'wildcard-without-credentials',
      title: '* without credentials',
      points: [1, 2],
      meant: 'Every page may read this public data.',
      does: 'The request carries no cookie, and pages of every origin can read the response.',
      instead:
        'Nothing, if the data is public. A server on a private network isn’t: with *, any page that ' +
        'somebody there visits can read it.',
      steps: oneStep(
        pageOrigin,
        { ...get, credentials: 'omit' },
        { allowOrigin: fixedOrigin('*'), allowCredentials: null },
      ),
      rightSteps: null,
    },
    {
      ...common,
      id: 'allow-credentials-missing',
      title: 'No Access-Control-Allow-Credentials',
      points: [2, 5],
      meant: 'The response names the page’s origin, and that is enough.',
      does:
        'The browser sends the request with credentials, and the server executes it. Without the server’s ' +
        'consent to credentials, the page can’t read the response.',
      instead: 'Send Access-Control-Allow-Credentials: true, in the response to the preflight as well.',
      ...wrongPolicy(pageOrigin, formPost, { allowCredentials: null }),
    },
    {
      ...common,
      id: 'allow-credentials-upper-case',
      title: 'Access-Control-Allow-Credentials: TRUE',
      points: [2, 5],
      meant: 'The response agrees to credentials.',
      does: 'The value is case-sensitive: anything except true counts as a refusal.',
      instead: 'Write true in lower case.',
      ...wrongPolicy(pageOrigin, formPost, { allowCredentials: 'TRUE' }),
    },
    {
      ...common,
      id: 'default-credentials-mode',
      title: 'The default credentials mode',
      meant: 'fetch sends the person’s cookies wherever the server agrees to credentials.',
      does:
        'The default credentials mode is same-origin: a request to another origin carries no cookie, and ' +
        'cookies in its response are ignored. The page reads a response for a person who isn’t signed in.',
      instead: 'Set credentials: "include" in the options of fetch. Both sides have to agree.',
      steps: oneStep(pageOrigin, { ...jsonPost, credentials: 'same-origin' }),
      rightSteps: oneStep(pageOrigin, jsonPost),
    },
    {
      ...common,
      id: 'cookies-to-the-same-site',
      title: 'Cookies to another origin of the site',
      points: [2, 5],
      meant: 'SameSite=Strict keeps the cookie out of other origins’ requests.',
      does:
        'SameSite compares sites, and a site contains many origins. The browser sends all three cookies to ' +
        'another origin of the same site, and the server executes the request in the person’s name, ' +
        'although the page can’t read the response.',
      instead:
        'Check Origin at the server, and accept only requests that need a preflight. Host untrusted ' +
        'content under another registrable domain.',
      steps: oneStep(pageOrigin, formPost, { allowOrigin: noOrigin }),
      rightSteps: null,
    },
    {
      ...common,
      id: 'cookies-to-another-site',
      title: 'Cookies to another site',
      points: [2, 5],
      meant: 'With the credentials mode include, every cookie is sent.',
      does:
        'The browser withholds cookies with SameSite=Strict or SameSite=Lax from a cross-site request. One ' +
        'with SameSite=None may be sent, and then the server executes the request in the person’s name.',
      instead: 'Set SameSite=Strict or Lax on session cookies, and check Origin at the server nevertheless.',
      difference: THIRD_PARTY_COOKIES,
      steps: oneStep(pageOrigin, { ...formPost, target: 'cross-site' }, { allowOrigin: noOrigin }),
      rightSteps: null,
    },
    {
      ...common,
      id: 'right-policy-at-another-site',
      title: 'The right policy, at another site',
      meant: 'With the right policy, the page sees who is signed in at the other site.',
      does:
        'The page can read the response, but SameSite, not CORS, decides which cookies are sent. A session ' +
        'cookie with SameSite=Strict or Lax is withheld, so nobody is signed in.',
      instead:
        'Host the app and the server under one registrable domain, or sign people in by a redirect, as ' +
        'OpenID Connect does.',
      difference: THIRD_PARTY_COOKIES,
      steps: oneStep(pageOrigin, { ...jsonPut, target: 'cross-site' }),
      rightSteps: null,
    },
  ];
}
