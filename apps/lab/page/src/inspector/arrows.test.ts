import { describe, expect, it } from 'vitest';
import { toArrows } from './arrows.ts';
import {
  arrived,
  betweenServers,
  crossOriginPost,
  exchangeAt,
  fields,
  origins,
  START,
} from './exchange.fixture.ts';

describe('an arrow between two servers', () => {
  it('joins both reports, and lasts as long as the sender reports', () => {
    const { sent, received } = betweenServers(0);
    expect(toArrows(arrived(sent, received), origins)).toEqual([
      expect.objectContaining({
        from: 'foo',
        to: 'sso',
        sent,
        received,
        startedAt: START,
        endedAt: START + 10,
      }),
    ]);
  });

  it('keeps its id when the second report arrives, in either order', () => {
    const { sent, received } = betweenServers(0);
    for (const [first, second] of [
      [sent, received],
      [received, sent],
    ] as const) {
      const [before] = toArrows(arrived(first), origins);
      const [after] = toArrows(arrived(first, second), origins);
      expect(after?.id).toBe(before?.id);
    }
  });

  it('doesn’t join reports with different ports, methods, paths or times', () => {
    const { sent, received } = betweenServers(0);
    const others = [
      { clientPort: 50_001 },
      { method: 'GET' },
      { path: '/end-session' },
      { startedAt: START + 500 },
      { reporter: 'foo' as const },
    ];
    for (const other of others) {
      expect(toArrows(arrived(sent, { ...received, ...other }), origins), JSON.stringify(other)).toHaveLength(
        2,
      );
    }
  });

  it('joins reports even if one of them lacks the port', () => {
    const { sent, received } = betweenServers(0);
    expect(toArrows(arrived({ ...sent, clientPort: null }, received), origins)).toHaveLength(1);
  });

  it('joins the right reports of two requests on one connection', () => {
    const [first, second] = [betweenServers(0), betweenServers(11)];
    const arrows = toArrows(arrived(second.received, first.sent, second.sent, first.received), origins);
    expect(arrows.map(({ sent, received }) => [sent?.id, received?.id])).toEqual([
      [first.sent.id, first.received.id],
      [second.sent.id, second.received.id],
    ]);
  });

  it('joins the reports that are nearest in time if no port is known', () => {
    for (const startOfSecond of [0, 4]) {
      const [first, second] = [0, startOfSecond].map((at) => betweenServers(at, { clientPort: null }));
      const all = [first, second].flatMap((each) => (each ? [each.sent, each.received] : []));
      const arrows = toArrows(arrived(...all), origins);
      expect(arrows.map(({ sent, received }) => [sent?.id, received?.id])).toEqual([
        [first?.sent.id, first?.received.id],
        [second?.sent.id, second?.received.id],
      ]);
    }
  });

  it('joins a pending request with the recipient’s report', () => {
    const { sent, received } = betweenServers(0);
    const pending = { durationMs: null, response: null };
    const [arrow, ...others] = toArrows(
      arrived({ ...sent, ...pending }, { ...received, ...pending }),
      origins,
    );
    expect(others).toEqual([]);
    expect(arrow?.endedAt).toBeNull();
  });

  it('points to the server that listens at the host, until the recipient reports', () => {
    const { sent } = betweenServers(0);
    expect(toArrows(arrived(sent), origins)[0]).toMatchObject({ from: 'foo', to: 'sso' });
    const elsewhere = toArrows(arrived({ ...sent, host: '127.0.0.1:9999' }), origins)[0];
    expect(elsewhere).toMatchObject({ to: 'elsewhere', recipient: '127.0.0.1:9999' });
  });

  it('points to a server at an address that earlier requests revealed', () => {
    const host = 'sso:8080';
    const known = betweenServers(0, { host });
    const { sent } = betweenServers(100, { host, clientPort: 50_001 });
    expect(toArrows(arrived(known.sent, known.received, sent), origins)[1]).toMatchObject({ to: 'sso' });
  });

  it('comes from the issuer of its last valid token, until the sender reports', () => {
    const token = (iss: string, signature: 'valid' | 'invalid') => ({
      member: 'token',
      header: {},
      claims: { iss },
      signature,
    });
    const tokens = [token(origins.ssoOrigin, 'valid'), token(origins.loremOrigin, 'valid')];
    const request = { fields: [], body: null, tokens };
    const { received } = betweenServers(0, { request });
    expect(toArrows(arrived(received), origins)[0]).toMatchObject({ from: 'lorem', to: 'sso' });
    const forged = { ...request, tokens: [token(origins.loremOrigin, 'invalid')] };
    expect(toArrows(arrived({ ...received, request: forged }), origins)[0]).toMatchObject({
      from: 'elsewhere',
      sender: 'Another program',
    });
  });
});

describe('an arrow of a page', () => {
  const sendersOf = (...exchanges: Parameters<typeof arrived>) =>
    toArrows(arrived(...exchanges), origins).map(({ from, sender, to }) => [from, sender, to]);

  it('names the page by its origin, or by the host for requests to its own server', () => {
    expect(sendersOf(crossOriginPost(0), exchangeAt(1))).toEqual([
      ['page', 'Foo’s page', 'sso'],
      ['page', 'Foo’s page', 'foo'],
    ]);
  });

  it('names an unknown origin in full, and the browser for documents', () => {
    const document = { fields: fields({ 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' }) };
    expect(
      sendersOf(
        crossOriginPost(0, { Origin: 'http://evil.example' }),
        crossOriginPost(1, { Origin: 'null' }),
        exchangeAt(2, { request: { ...document, body: null, tokens: [] } }),
      ),
    ).toEqual([
      ['page', 'Page of http://evil.example', 'sso'],
      ['page', 'Page of null', 'sso'],
      ['page', 'Browser', 'foo'],
    ]);
  });
});
