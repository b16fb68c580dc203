/** Exchanges for tests, as the reporters of the demo send them. */
import type { Exchange, Field } from '../../../exchange/exchange.ts';
import type { Exchanges } from './exchanges.ts';
import type { Origins } from './lanes.ts';

export const origins: Origins = {
  fooOrigin: 'http://foo.example.localhost:4001',
  loremOrigin: 'http://lorem.example.localhost:4002',
  ssoOrigin: 'http://sso.example.localhost:4000',
};

export const START = 1_795_000_000_000;

/** Headers by name. */
export function fields(values: Record<string, string>): Field[] {
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

let count = 0;

/** A finished `GET /session` of foo's page, with other members as given. `at` is milliseconds after START. */
export function exchangeAt(at: number, members: Partial<Exchange> = {}): Exchange {
  count += 1;
  return {
    id: `exchange-${count}`,
    reporter: 'foo',
    direction: 'received',
    clientPort: null,
    startedAt: START + at,
    durationMs: 5,
    client: 'browser',
    method: 'GET',
    path: '/session',
    host: 'foo.example.localhost:4001',
    purpose: 'app session',
    request: { fields: fields({ 'Sec-Fetch-Site': 'same-origin' }), body: null, tokens: [] },
    response: { status: 200, fields: [], body: null, tokens: [] },
    error: null,
    ...members,
  };
}

/** A request of foo's page to the SSO service, with `Content-Type: application/json`. */
export function crossOriginPost(at: number, headers: Record<string, string> = {}): Exchange {
  return exchangeAt(at, {
    reporter: 'sso',
    method: 'POST',
    path: '/',
    host: 'sso.example.localhost:4000',
    purpose: 'login status',
    request: {
      fields: fields({
        'Content-Type': 'application/json',
        Origin: origins.fooOrigin,
        'Sec-Fetch-Site': 'same-site',
        'Sec-Fetch-Mode': 'cors',
        ...headers,
      }),
      body: '{"request":"login status"}',
      tokens: [],
    },
  });
}

/** The preflight of such a request. */
export function preflightAt(at: number, responseHeaders: Record<string, string>, status = 204): Exchange {
  return {
    ...crossOriginPost(at, { 'Access-Control-Request-Method': 'POST' }),
    method: 'OPTIONS',
    purpose: 'preflight',
    response: { status, fields: fields(responseHeaders), body: null, tokens: [] },
  };
}

/** A request between two servers, as its sender and as its recipient report it. */
export function betweenServers(
  at: number,
  members: Partial<Exchange> = {},
): { sent: Exchange; received: Exchange } {
  const common: Partial<Exchange> = {
    client: 'server',
    clientPort: 50_000,
    method: 'POST',
    path: '/introspect',
    host: '127.0.0.1:4000',
    purpose: 'introspection',
    request: { fields: [], body: 'token=eyJhbG…', tokens: [] },
    ...members,
  };
  return {
    sent: exchangeAt(at, { ...structuredClone(common), reporter: 'foo', direction: 'sent', durationMs: 10 }),
    received: exchangeAt(at + 2, { ...common, reporter: 'sso', direction: 'received', durationMs: 6 }),
  };
}

/** In the order in which they arrive. */
export function arrived(...exchanges: Exchange[]): Exchanges {
  return new Map(exchanges.map((exchange) => [exchange.id, exchange]));
}
