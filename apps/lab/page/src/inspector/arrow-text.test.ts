import { describe, expect, it } from 'vitest';
import {
  describeRequest,
  describeResponse,
  explainPreflight,
  hasFailed,
  notePreflight,
  shownExchange,
  statusOf,
} from './arrow-text.ts';
import { toArrows } from './arrows.ts';
import {
  arrived,
  betweenServers,
  crossOriginPost,
  exchangeAt,
  fields,
  origins,
  preflightAt,
} from './exchange.fixture.ts';

describe('an arrow', () => {
  it('shows the request as its recipient received it, and the response as the sender received it', () => {
    const { sent, received } = betweenServers(0);
    const shown = shownExchange({ sent, received });
    expect(shown.request).toBe(received.request);
    expect(shown.response).toBe(sent.response);
    expect(shown.durationMs).toBe(10);
  });

  it('shows the other side’s report of a body that one side didn’t read', () => {
    const { sent, received } = betweenServers(0);
    const unread = { status: 200, fields: [], body: '(hidden)', tokens: [] };
    const request = { fields: [], body: '(hidden)', tokens: [] };
    const shown = shownExchange({ sent: { ...sent, response: unread }, received: { ...received, request } });
    expect(shown.request).toBe(sent.request);
    expect(shown.response).toBe(received.response);
  });

  it('shows the status code, “pending” or “failed”', () => {
    const response = null;
    expect(statusOf(exchangeAt(0))).toBe('200');
    expect(statusOf({ response, error: null })).toBe('pending');
    expect(statusOf({ response, error: 'no response' })).toBe('failed');
    expect(hasFailed({ response, error: null })).toBe(false);
    expect(hasFailed({ response, error: 'no response' })).toBe(true);
    expect(hasFailed(exchangeAt(0, { response: { status: 403, fields: [], body: null, tokens: [] } }))).toBe(
      true,
    );
  });

  it('names the request’s cookies, or says that it has none', () => {
    expect(describeRequest(crossOriginPost(0))).toEqual(['same-site', 'no cookie']);
    expect(describeRequest(crossOriginPost(0, { Cookie: '__Host-sso=abcdef…' }))).toEqual([
      'same-site',
      'cookie __Host-sso',
    ]);
    expect(describeRequest(crossOriginPost(0, { Cookie: 'a=1; b=2' }))).toEqual([
      'same-site',
      'cookies a, b',
    ]);
  });

  it('names the tokens that a server sends', () => {
    const token = (member: string) => ({ member, header: {}, claims: {}, signature: 'valid' as const });
    const tokens = ['token', 'client_assertion', 'logout_token', 'other'].map(token);
    const { sent } = betweenServers(0, { request: { fields: [], body: null, tokens } });
    expect(describeRequest(sent)).toEqual([
      'authentication token',
      'client assertion',
      'logout token',
      'other',
    ]);
    expect(describeRequest({ ...sent, purpose: 'logout token' })).not.toContain('logout token');
  });

  it('names the cookies that a response sets and deletes', () => {
    const response = {
      status: 200,
      fields: [
        ...fields({ 'set-cookie': '__Host-sso=abcdef…; Max-Age=1800; Path=/' }),
        ...fields({ 'Set-Cookie': '__Host-app=; Max-Age=0; Path=/' }),
      ],
      body: null,
      tokens: [],
    };
    expect(describeResponse(exchangeAt(0, { response }))).toEqual(['sets __Host-sso', 'deletes __Host-app']);
  });

  it('says for how long a preflight is remembered', () => {
    const preflight = preflightAt(0, { 'Access-Control-Max-Age': '7200' });
    expect(describeResponse(preflight)).toEqual(['remembered for 2\u00a0h']);
    expect(describeResponse(preflightAt(0, { 'Access-Control-Max-Age': '5' }))).toEqual([
      'remembered for 5\u00a0s',
    ]);
  });
});

describe('the note about a preflight', () => {
  const allowed = {
    'Access-Control-Allow-Origin': origins.fooOrigin,
    'Access-Control-Max-Age': '7200',
  };
  const [preflight, sent, cached] = toArrows(
    arrived(preflightAt(0, allowed), crossOriginPost(1), crossOriginPost(60_000)),
    origins,
  );
  const [missing] = toArrows(arrived(crossOriginPost(0)), origins);

  it('is on each arrow that needs a preflight and has none', () => {
    const notes = [preflight, sent, cached, missing].map((arrow) => arrow && notePreflight(arrow));
    expect(notes).toEqual([
      null,
      null,
      'no preflight: the browser remembered an earlier one',
      'no preflight was sent',
    ]);
  });

  it('is explained in the details, with the preflight’s age and lifetime', () => {
    expect(cached && explainPreflight(cached)).toMatch(/the one from 60\u00a0s before\. .* for 2\u00a0h,/);
    expect(missing && explainPreflight(missing)).toMatch(/^No preflight was sent, although/);
    expect(preflight && explainPreflight(preflight)).toBeNull();
  });
});
