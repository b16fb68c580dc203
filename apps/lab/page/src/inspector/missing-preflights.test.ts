import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../exchange/exchange.ts';
import { crossOriginPost, exchangeAt, preflightAt, START } from './exchange.fixture.ts';
import { findPreflights } from './missing-preflights.ts';

const ALLOWED = { 'Access-Control-Allow-Origin': 'http://foo.example.localhost:4001' };
const REMEMBERED = { ...ALLOWED, 'Access-Control-Max-Age': '7200' };

/** What happened to the preflight of the last exchange. */
function lastUse(...exchanges: Exchange[]) {
  const uses = findPreflights(exchanges);
  return uses.get(exchanges.at(-1)?.id ?? '') ?? { kind: 'none' };
}

describe('the preflight of a cross-origin request with JSON', () => {
  it('was sent if it came just before', () => {
    expect(lastUse(preflightAt(0, REMEMBERED), crossOriginPost(4))).toEqual({ kind: 'sent' });
  });

  it('was remembered if an earlier request used it and its Max-Age has not passed', () => {
    const use = { kind: 'cached', sentAt: START, maxAgeSeconds: 7200 };
    const earlier = [preflightAt(0, REMEMBERED), crossOriginPost(4)];
    expect(lastUse(...earlier, crossOriginPost(7_199_000))).toEqual(use);
    expect(lastUse(...earlier, crossOriginPost(7_201_000))).toEqual({ kind: 'missing' });
  });

  it('was remembered if it came long before, although no request used it', () => {
    expect(lastUse(preflightAt(0, REMEMBERED), crossOriginPost(60_000))).toMatchObject({ kind: 'cached' });
  });

  it('is remembered for 5 s without a Max-Age, and never if it was refused', () => {
    expect(lastUse(preflightAt(0, ALLOWED), crossOriginPost(1), crossOriginPost(4000))).toMatchObject({
      kind: 'cached',
      maxAgeSeconds: 5,
    });
    expect(lastUse(preflightAt(0, ALLOWED), crossOriginPost(1), crossOriginPost(6000)).kind).toBe('missing');
    expect(lastUse(preflightAt(0, REMEMBERED, 403), crossOriginPost(1), crossOriginPost(2)).kind).toBe(
      'missing',
    );
    expect(lastUse(preflightAt(0, {}), crossOriginPost(1), crossOriginPost(2)).kind).toBe('missing');
  });

  it('must have the same origin, browser, host and path', () => {
    const earlier = [preflightAt(0, REMEMBERED), crossOriginPost(1)];
    const other = [
      crossOriginPost(2, { Origin: 'http://lorem.example.localhost:4002' }),
      crossOriginPost(2, { 'User-Agent': 'Firefox' }),
      { ...crossOriginPost(2), host: 'other:4000' },
      { ...crossOriginPost(2), path: '/other' },
    ];
    for (const request of other) expect(lastUse(...earlier, request)).toEqual({ kind: 'missing' });
  });

  it('is missing if none is shown', () => {
    expect(lastUse(crossOriginPost(0))).toEqual({ kind: 'missing' });
  });
});

describe('a preflight', () => {
  it.each([
    ['a same-origin request', { 'Sec-Fetch-Site': 'same-origin' }],
    ['a form’s Content-Type', { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ['plain text', { 'Content-Type': 'text/plain;charset=UTF-8' }],
    ['a request outside CORS', { 'Sec-Fetch-Mode': 'no-cors' }],
  ])('isn’t needed for %s', (_title, headers) => {
    expect(lastUse(crossOriginPost(0, headers))).toEqual({ kind: 'none' });
  });

  it('isn’t needed for a preflight, a simple GET, or a client that isn’t a browser', () => {
    const { fields } = crossOriginPost(0).request;
    const get = fields.filter(({ name }) => name !== 'Content-Type');
    expect(lastUse(preflightAt(0, REMEMBERED))).toEqual({ kind: 'none' });
    expect(lastUse(exchangeAt(0, { request: { fields: get, body: null, tokens: [] } }))).toEqual({
      kind: 'none',
    });
    expect(lastUse({ ...crossOriginPost(0), client: 'server' })).toEqual({ kind: 'none' });
  });

  it('is needed for a method that isn’t safelisted', () => {
    expect(lastUse({ ...crossOriginPost(0, { 'Content-Type': 'text/plain' }), method: 'DELETE' })).toEqual({
      kind: 'missing',
    });
  });
});
