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

/** Spellings that resemble an accepted origin. */
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

describe.each(READS)('a %s request, which can only read,', (method) => {
  it('is accepted without Origin, as browsers send it within one origin', () => {
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
  ])('without Origin and with Fetch Metadata %s, %s, %s is accepted: %s', (site, mode, dest, isAccepted) => {
    const metadata = { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest };
    expect(accepts(method, metadata)).toBe(isAccepted);
  });

  it.each([
    [OWN, true],
    [CORS, true],
    [SOCKET, false],
    [SIBLING, false],
  ])('with Origin %s is accepted: %s', (origin, isAccepted) =>
    expect(accepts(method, { origin })).toBe(isAccepted),
  );
});

describe.each(WRITES)('a %j request, which can write,', (method) => {
  it('is refused without Origin [T-CSRF-03]', () => expect(accepts(method, {})).toBe(false));

  it.each([
    [OWN, true],
    [CORS, true],
    [SOCKET, false],
    [SIBLING, false],
  ])('with Origin %s is accepted: %s', (origin, isAccepted) =>
    expect(accepts(method, { origin })).toBe(isAccepted),
  );
});

describe.each([...READS, ...WRITES])('a %j request with Origin null', (method) => {
  it('is accepted if Sec-Fetch-Site is same-origin, as for a form of a page without referrers', () => {
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
  ])('is refused if Sec-Fetch-Site is %j [T-CSRF-05]', (site) => {
    expect(accepts(method, { origin: 'null', ...(site !== undefined && { 'sec-fetch-site': site }) })).toBe(
      false,
    );
  });

  it.each([SIBLING, '', 'null, null', 'NULL', ' null', OWN.toUpperCase()])(
    'is the only exception: %j is refused with any Sec-Fetch-Site [T-CSRF-05]',
    (origin) => expect(accepts(method, { origin, ...SAME_ORIGIN })).toBe(false),
  );
});

describe.each([
  ...[...READS, 'POST', 'PUT'].flatMap((method) => UPGRADES.map((upgrade) => ({ method, upgrade }))),
  { method: 'CONNECT' },
])('a handshake, %j,', ({ method, ...headers }) => {
  it('is refused without Origin [T-CSRF-03]', () => {
    expect(accepts(method, headers)).toBe(false);
    expect(accepts(method, { ...headers, ...SAME_ORIGIN })).toBe(false);
    expect(accepts(method, { ...headers, ...SAME_ORIGIN, origin: 'null' })).toBe(false);
  });

  it.each([
    [OWN, true],
    [CORS, false],
    [SOCKET, true],
    [SIBLING, false],
  ])('with Origin %s is accepted: %s', (origin, isAccepted) =>
    expect(accepts(method, { ...headers, origin })).toBe(isAccepted),
  );
});

it.each(LOOKALIKES)('a request with the look-alike Origin %j is refused', (origin) => {
  for (const method of [...READS, ...WRITES, 'CONNECT']) {
    expect(accepts(method, { origin })).toBe(false);
    expect(accepts(method, { origin, upgrade: 'websocket' })).toBe(false);
  }
});

it('an app without listed origins accepts only its own', () => {
  for (const method of [...READS, ...WRITES, 'CONNECT']) {
    for (const origin of [CORS, SOCKET, SIBLING]) {
      expect(isOriginAccepted({ method, headers: { origin } }, { origin: OWN })).toBe(false);
    }
    expect(isOriginAccepted({ method, headers: { origin: OWN } }, { origin: OWN })).toBe(true);
  }
});
