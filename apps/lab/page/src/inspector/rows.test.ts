import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../exchange/exchange.ts';
import { toArrows } from './arrows.ts';
import { arrived, betweenServers, crossOriginPost, exchangeAt, origins, START } from './exchange.fixture.ts';
import { areRowsEqual, type Row, toRows } from './rows.ts';

const rowsOf = (...exchanges: Exchange[]) => toRows(toArrows(arrived(...exchanges), origins));

const describeRow = (row: Row) =>
  row.kind === 'time' ? 'time' : `${row.kind} ${row.arrow.received?.purpose ?? row.arrow.sent?.purpose}`;

const token = { member: 'token', header: {}, claims: {}, signature: 'valid' as const };

/** Step 4: foo asks the SSO service before it responds. */
const step4 = (at: number, members: Partial<Exchange> = {}) =>
  exchangeAt(at, {
    method: 'POST',
    purpose: 'start app session',
    durationMs: 40,
    request: { fields: [], body: null, tokens: [token] },
    ...members,
  });

describe('the rows', () => {
  it('begin with the time, and repeat it after more than a second without requests', () => {
    const rows = rowsOf(exchangeAt(0), exchangeAt(900), exchangeAt(2000));
    expect(rows.map(({ kind }) => kind)).toEqual(['time', 'request', 'request', 'time', 'request']);
    expect(rows[3]).toMatchObject({ at: START + 2000, pauseMs: 1095 });
    expect(rows[2]).toMatchObject({ offsetMs: 900 });
    expect(rows[4]).toMatchObject({ offsetMs: 0 });
  });

  it('don’t repeat the time while a request lasts', () => {
    const rows = rowsOf(exchangeAt(0, { durationMs: 3000 }), exchangeAt(3500));
    expect(rows.filter(({ kind }) => kind === 'time')).toHaveLength(1);
  });

  it('show a response after the requests that its server sent first', () => {
    const { sent, received } = betweenServers(5);
    expect(rowsOf(step4(0), sent, received, exchangeAt(50)).map(describeRow)).toEqual([
      'time',
      'request start app session',
      'request introspection',
      'response start app session',
      'request app session',
    ]);
  });

  it('show the inner response first if both end at the same time', () => {
    const inner = exchangeAt(4, { ...step4(4), reporter: 'foo', purpose: 'key set', durationMs: 36 });
    const innermost = exchangeAt(5, { direction: 'sent', client: 'server', durationMs: 5, host: 'x:1' });
    const rows = rowsOf(step4(0), inner, innermost).map(describeRow);
    expect(rows.slice(-2)).toEqual(['response key set', 'response start app session']);
  });

  it('show a server at work from its request to its response', () => {
    const { sent, received } = betweenServers(5);
    const rows = rowsOf(step4(0), exchangeAt(2), sent, received);
    expect(rows.map((row) => (row.kind === 'time' ? null : row.activities.map(({ part }) => part)))).toEqual([
      null,
      ['start'],
      ['middle'],
      ['middle'],
      ['end'],
    ]);
  });

  it('end the work of a pending request at its last inner request', () => {
    const { sent, received } = betweenServers(5);
    const rows = rowsOf(step4(0, { durationMs: null, response: null }), sent, received, exchangeAt(50));
    expect(rows.slice(1).map((row) => row.kind !== 'time' && row.activities.map(({ part }) => part))).toEqual(
      [['start'], ['end'], []],
    );
  });

  it('treat what a server sends during a request without a token as unrelated', () => {
    const { sent, received } = betweenServers(5);
    expect(rowsOf(exchangeAt(0, { durationMs: 40 }), sent, received).map(describeRow)).toEqual([
      'time',
      'request app session',
      'request introspection',
    ]);
  });

  it('treat logout tokens as unrelated to the request during which they are sent', () => {
    const { sent, received } = betweenServers(5, { purpose: 'logout token' });
    expect(rowsOf(step4(0), sent, received).map(({ kind }) => kind)).not.toContain('response');
  });
});

describe('a row', () => {
  it('counts as equal until something in it changes', () => {
    const [first, second] = [exchangeAt(0), crossOriginPost(5)];
    const [, before] = rowsOf(first);
    const [, after] = rowsOf(first, second);
    expect(before && after && areRowsEqual(before, after)).toBe(true);
    const [, finished] = rowsOf({ ...first, durationMs: 9 });
    expect(before && finished && areRowsEqual(before, finished)).toBe(false);
    const [, , remembered] = rowsOf(first, second);
    const [, , changed] = rowsOf(exchangeAt(-100), second);
    expect(remembered && changed && areRowsEqual(remembered, changed)).toBe(false);
  });

  it('changes when its response gets a row of its own', () => {
    const { sent, received } = betweenServers(5);
    const outer = step4(0);
    const [, before] = rowsOf(outer);
    const [, after] = rowsOf(outer, sent, received);
    expect(before && after && areRowsEqual(before, after)).toBe(false);
  });
});
