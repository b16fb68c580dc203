/** Headers on which CORS, cookies or the sign-in depend, by name in lower case. */
import {
  fetchMetadata,
  fetchStandard,
  type HeaderNote,
  ownProtocol,
  rfc,
  rfc6265bis,
  w3c,
} from './standards.ts';

export const essentialNotes: Record<string, HeaderNote> = {
  origin: {
    text: 'The origin of the page that sent this request; the browser sets it, and no script can change it.',
    ...fetchStandard('origin-header'),
  },
  'access-control-request-method': {
    text: 'The browser asks in advance whether this origin may send a request with this method.',
    ...fetchStandard('http-access-control-request-method'),
  },
  'access-control-request-headers': {
    text: 'The browser asks in advance whether it may send these headers, which no form could send.',
    ...fetchStandard('http-access-control-request-headers'),
  },
  'access-control-allow-origin': {
    text: 'The origin whose scripts may read this response; * means any, but only without credentials.',
    ...fetchStandard('http-access-control-allow-origin'),
  },
  'access-control-allow-credentials': {
    text: 'Lets that origin’s scripts read a response to a request with credentials, such as cookies.',
    ...fetchStandard('http-access-control-allow-credentials'),
  },
  'access-control-allow-methods': {
    text: 'The methods, beyond GET, HEAD and POST, that the origin may use at this URL.',
    ...fetchStandard('http-access-control-allow-methods'),
  },
  'access-control-allow-headers': {
    text: 'The headers, beyond those a form could send, that the origin’s requests may carry.',
    ...fetchStandard('http-access-control-allow-headers'),
  },
  'access-control-max-age': {
    text: 'How many seconds the browser may reuse this preflight’s response for this origin and URL.',
    ...fetchStandard('http-access-control-max-age'),
  },
  'access-control-expose-headers': {
    text: 'The response headers, beyond a few basic ones, that the page’s script may read.',
    ...fetchStandard('http-access-control-expose-headers'),
  },
  vary: {
    text: 'The request headers that the response depends on, which a cache must compare before reusing it.',
    ...rfc(9110, '12.5.5'),
  },
  'sec-fetch-site': {
    text: 'How the page’s origin relates to this server’s; the browser sets it, and no script can change it.',
    values: {
      'same-origin':
        'The page has this server’s own origin; the browser sets this, and no script can change it.',
      'same-site':
        'The page has another origin of the same site, so even SameSite=Strict cookies may be sent.',
      'cross-site':
        'The page belongs to another site, whose requests the SSO service refuses with any Origin.',
      none: 'No page caused this request; the person opened the address, for example from a bookmark.',
    },
    ...fetchMetadata('sec-fetch-site'),
  },
  'sec-fetch-mode': {
    text: 'The request’s mode: “cors” is the default for fetch, and “navigate” opens a document.',
    ...fetchMetadata('sec-fetch-mode'),
  },
  cookie: {
    text: 'The cookies that the browser has for this host and that SameSite lets it send here.',
    ...rfc6265bis('4.2'),
  },
  'set-cookie': {
    text:
      'HttpOnly hides the cookie from scripts, __Host- binds it to this host, and SameSite limits which ' +
      'sites’ requests carry it.',
    ...rfc6265bis('4.1'),
  },
  authorization: {
    text: 'The credentials with which the client authenticates.',
    ...rfc(9110, '11.6.2'),
  },
  'www-authenticate': { text: 'How a client must authenticate here.', ...rfc(9110, '11.6.1') },
  'clear-site-data': {
    text: 'Tells the browser which data stored for this origin to delete.',
    ...w3c('Clear Site Data', 'webappsec-clear-site-data/#header'),
  },
  'content-type': {
    text: 'The format of the body; with application/json, a cross-origin request needs a preflight.',
    ...rfc(9110, '8.3'),
  },
  'cache-control': {
    text: 'How long caches may reuse this; “no-store” forbids every cache to store it, even the browser’s.',
    ...rfc(9111, '5.2'),
  },
  location: { text: 'The address to go to instead, or that of a new resource.', ...rfc(9110, '10.2.2') },
  allow: { text: 'The methods that this URL supports.', ...rfc(9110, '10.2.1') },
  'retry-after': { text: 'How long to wait before the next attempt, in seconds.', ...rfc(9110, '10.2.3') },
  'session-max-age': {
    text: 'The seconds until the app session ends, so that a visible page renews it in time.',
    ...ownProtocol,
  },
  'sign-out-scope': {
    text:
      'With “site”, the app’s server ends the SSO session, too, in case the page’s own request to the SSO ' +
      'service gets lost.',
    ...ownProtocol,
  },
};
