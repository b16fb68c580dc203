/** The other headers of the demo's messages, by name in lower case. */
import {
  clientHints,
  fetchMetadata,
  fetchStandard,
  type HeaderNote,
  htmlStandard,
  rfc,
  w3c,
} from './standards.ts';

export const otherNotes: Record<string, HeaderNote> = {
  // What the browser or the server says about itself and the connection.
  host: { text: 'The host and port that the client addressed.', ...rfc(9110, '7.2') },
  connection: { text: 'Whether the connection stays open for more requests.', ...rfc(9110, '7.6.1') },
  'keep-alive': { text: 'For how long the server keeps an idle connection.', ...rfc(9112, 'C.2.2') },
  date: { text: 'When the server wrote this response.', ...rfc(9110, '6.6.1') },
  server: { text: 'The server’s software.', ...rfc(9110, '10.2.4') },
  'user-agent': { text: 'What the client says it is, which proves nothing.', ...rfc(9110, '10.1.5') },
  'sec-ch-ua': { text: 'The browser’s brands and versions.', ...clientHints('sec-ch-ua') },
  'sec-ch-ua-mobile': {
    text: 'Whether the browser prefers a mobile layout.',
    ...clientHints('sec-ch-ua-mobile'),
  },
  'sec-ch-ua-platform': {
    text: 'The operating system that the browser runs on.',
    ...clientHints('sec-ch-ua-platform'),
  },
  referer: { text: 'The address of the page that sent this request.', ...rfc(9110, '10.1.3') },
  'sec-gpc': {
    text: 'The person asks sites not to sell or share their data.',
    ...w3c('Global Privacy Control', 'gpc/'),
  },
  priority: { text: 'How urgent the response is.', ...rfc(9218, '5') },
  traceparent: {
    text: 'Identifies one operation in the logs of several servers.',
    standard: 'Trace Context',
    link: 'https://www.w3.org/TR/trace-context/#traceparent-header',
  },
  'sec-fetch-dest': {
    text: 'What the response is for: “empty” for a script’s fetch, “document” for a page.',
    ...fetchMetadata('sec-fetch-dest'),
  },
  'sec-fetch-user': {
    text: 'A person’s click or key started this navigation.',
    ...fetchMetadata('sec-fetch-user'),
  },
  'sec-fetch-storage-access': {
    text: 'Whether an embedded page may use its own cookies.',
    standard: 'Storage Access Headers',
    link: 'https://privacycg.github.io/storage-access-headers/',
  },
  'upgrade-insecure-requests': {
    text: 'The browser prefers to be redirected to https.',
    ...w3c('Upgrade Insecure Requests', 'webappsec-upgrade-insecure-requests/#preference'),
  },

  // The body and its caching.
  accept: { text: 'The formats that the client can read.', ...rfc(9110, '12.5.1') },
  'accept-encoding': { text: 'The compression formats that the client can decode.', ...rfc(9110, '12.5.3') },
  'accept-language': { text: 'The person’s preferred languages.', ...rfc(9110, '12.5.4') },
  'accept-ranges': { text: 'Whether a client may ask for a part of the content.', ...rfc(9110, '14.3') },
  'content-encoding': { text: 'How the body is compressed.', ...rfc(9110, '8.4') },
  'content-length': { text: 'The length of the body in bytes.', ...rfc(9110, '8.6') },
  'transfer-encoding': {
    text: 'How the body is framed for this connection, such as in chunks.',
    ...rfc(9112, '6.1'),
  },
  age: { text: 'For how many seconds a cache has had this response.', ...rfc(9111, '5.1') },
  pragma: { text: 'An older form of Cache-Control.', ...rfc(9111, '5.4') },
  etag: { text: 'Identifies this version of the content.', ...rfc(9110, '8.8.3') },
  'last-modified': { text: 'When the content last changed.', ...rfc(9110, '8.8.2') },
  'if-none-match': { text: 'Asks for the content only if it isn’t this version.', ...rfc(9110, '13.1.2') },
  'if-modified-since': {
    text: 'Asks for the content only if it changed since then.',
    ...rfc(9110, '13.1.3'),
  },

  // What protects the response in the browser. Helmet sets most of them.
  'content-security-policy': {
    text: 'What the document may load, run and connect to.',
    ...w3c('Content Security Policy', 'webappsec-csp/#csp-header'),
  },
  'cross-origin-opener-policy': {
    text: 'Whether windows of other origins may keep a reference to this one.',
    ...htmlStandard('browsers.html#the-coop-headers'),
  },
  'cross-origin-resource-policy': {
    text: 'Which sites’ pages may load this response without CORS, for example as an image.',
    ...fetchStandard('cross-origin-resource-policy-header'),
  },
  'origin-agent-cluster': {
    text: 'Asks the browser to isolate this origin from the other origins of its site.',
    ...htmlStandard('browsers.html#origin-agent-cluster'),
  },
  'referrer-policy': {
    text: 'How much of its address a page reveals in Referer.',
    ...w3c('Referrer Policy', 'webappsec-referrer-policy/#referrer-policy-header'),
  },
  'strict-transport-security': {
    text: 'From now on, the browser reaches this host by https only.',
    ...rfc(6797, '6.1'),
  },
  'x-content-type-options': {
    text: 'Tells the browser to use the Content-Type and not to guess.',
    ...fetchStandard('x-content-type-options-header'),
  },
  'x-frame-options': {
    text: 'Whether other pages may show this one in a frame.',
    ...htmlStandard('document-lifecycle.html#the-x-frame-options-header'),
  },
  'x-permitted-cross-domain-policies': {
    text: 'Whether Flash and Acrobat may read this host’s data.',
    standard: 'Helmet',
    link: 'https://helmetjs.github.io/#x-permitted-cross-domain-policies',
  },
  'x-dns-prefetch-control': {
    text: 'Whether the browser looks up the hosts of links in advance.',
    standard: 'Helmet',
    link: 'https://helmetjs.github.io/#x-dns-prefetch-control',
  },
};
