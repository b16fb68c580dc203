import { describe, expect, it } from 'vitest';
import { isOriginAccepted } from './request-origin.ts';

const OWN = 'https://foo.app.example.com';
const CORS = 'https://reads.example.com';
const SOCKET = 'https://talks.example.com';
const SIBLING = 'https://evil.example.com';
const ACCEPTED = { origin: OWN, corsOrigins: [CORS], webSocketOrigins: [SOCKET] };

const READS = ['GET', 'HEAD', 'OPTIONS'];
const WRITES = ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'QUERY', 'PROPFIND', 'get', ''];
const UPGRADES = ['websocket', 'WebSocket', 'h2c', 'websocket, h2c', ''];

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

/** An origin is accepted only in its exact spelling. */
const LOOKALIKES = [
  'null',
  '',
  ...[OWN, CORS, SOCKET].flatMap((origin) => [
    origin.toUpperCase(),
    `${origin}/`,
    `${origin}:443`,
    `${origin}.`,
    ` ${origin}`,
    `${origin}.evil.example`,
    `${origin}, ${origin}`,
    `${origin}, ${SIBLING}`,
    `${SIBLING}, ${origin}`,
    origin.replace('https', 'http'),
  ]),
];

function accepts(method: string, headers: Record<string, string>, accepted = ACCEPTED): boolean {
  return isOriginAccepted({ method, headers }, accepted);
}

describe.each(READS)('a %s', (method) => {
  it('may leave Origin out, as a browser does within one origin', () => {
    expect(accepts(method, {})).toBe(true);
  });

  it.each([
    ['none', 'navigate', 'document', true],
    ['same-origin', 'cors', 'empty', true],
    ['same-origin', 'no-cors', 'image', true],
    ['same-site', 'navigate', 'document', true],
    ['cross-site', 'navigate', 'document', true],
    ['same-site', 'navigate', 'iframe', false],
    ['same-site', 'no-cors', 'image', false],
    ['same-site', 'no-cors', 'empty', false],
    ['cross-site', 'no-cors', 'script', false],
    ['something new', 'no-cors', 'empty', false],
  ])(
    'that a browser says is %s, %s, for %s, is accepted without Origin: %s',
    (site, mode, dest, isAccepted) => {
      const metadata = { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest };
      expect(accepts(method, metadata)).toBe(isAccepted);
    },
  );

  it.each([
    [OWN, true],
    [CORS, true],
    [SOCKET, false],
    [SIBLING, false],
  ])('that states %s: %s', (origin, isAccepted) => expect(accepts(method, { origin })).toBe(isAccepted));
});

describe.each(WRITES)('a request that can write, %j,', (method) => {
  it('must state its origin', () => expect(accepts(method, {})).toBe(false));

  it.each([
    [OWN, true],
    [CORS, true],
    [SOCKET, false],
    [SIBLING, false],
  ])('that states %s: %s', (origin, isAccepted) => expect(accepts(method, { origin })).toBe(isAccepted));
});

describe.each([...READS, ...WRITES])('a request that states the opaque origin, %j,', (method) => {
  it('is accepted where the browser says that it is same-origin: a form of a page without referrers', () => {
    expect(accepts(method, { origin: 'null', ...SAME_ORIGIN })).toBe(true);
  });

  it.each([
    undefined,
    'same-site',
    'cross-site',
    'none',
    'Same-Origin',
    'same-origin, same-origin',
    ' same-origin',
    '',
  ])('is not where it says %j', (site) => {
    expect(accepts(method, { origin: 'null', ...(site !== undefined && { 'sec-fetch-site': site }) })).toBe(
      false,
    );
  });

  it.each([SIBLING, '', 'null, null', 'NULL', ' null', OWN.toUpperCase()])(
    'and no other is, whatever the browser says: %j',
    (origin) => expect(accepts(method, { origin, ...SAME_ORIGIN })).toBe(false),
  );
});

describe.each([
  ...[...READS, 'POST', 'PUT'].flatMap((method) => UPGRADES.map((upgrade) => ({ method, upgrade }))),
  { method: 'CONNECT' },
])('a handshake, %j,', ({ method, ...headers }) => {
  it('must state its origin', () => {
    expect(accepts(method, headers)).toBe(false);
    expect(accepts(method, { ...headers, ...SAME_ORIGIN })).toBe(false);
    expect(accepts(method, { ...headers, ...SAME_ORIGIN, origin: 'null' })).toBe(false);
  });

  it.each([
    [OWN, true],
    [CORS, false],
    [SOCKET, true],
    [SIBLING, false],
  ])('that states %s: %s', (origin, isAccepted) =>
    expect(accepts(method, { ...headers, origin })).toBe(isAccepted),
  );
});

it.each(LOOKALIKES)('no request is accepted that states %j', (origin) => {
  for (const method of [...READS, ...WRITES, 'CONNECT']) {
    expect(accepts(method, { origin })).toBe(false);
    expect(accepts(method, { origin, upgrade: 'websocket' })).toBe(false);
  }
});

it('an app that lists no other origins accepts its own alone', () => {
  for (const method of [...READS, ...WRITES, 'CONNECT']) {
    for (const origin of [CORS, SOCKET, SIBLING]) {
      expect(isOriginAccepted({ method, headers: { origin } }, { origin: OWN })).toBe(false);
    }
    expect(isOriginAccepted({ method, headers: { origin: OWN } }, { origin: OWN })).toBe(true);
  }
});
