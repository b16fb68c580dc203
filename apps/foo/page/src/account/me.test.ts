import { describe, expect, it } from 'vitest';
import { toBrowserClock } from './me.ts';

const endsAt = '2026-11-22T10:30:00.000Z';
const serverNow = 'Sun, 22 Nov 2026 10:00:00 GMT';
const serverNowMs = Date.parse(serverNow);

describe('the end of the app session by this browser’s clock', () => {
  it('is the server’s time if both clocks agree, apart from the time the response took', () => {
    expect(toBrowserClock(endsAt, serverNow, serverNowMs + 1900)).toBe(Date.parse(endsAt));
  });

  it('is later by as much as this clock is ahead', () => {
    expect(toBrowserClock(endsAt, serverNow, serverNowMs + 3_600_000)).toBe(Date.parse(endsAt) + 3_600_000);
  });

  it('is earlier by as much as this clock is behind', () => {
    expect(toBrowserClock(endsAt, serverNow, serverNowMs - 3_600_000)).toBe(Date.parse(endsAt) - 3_600_000);
  });

  it('is the server’s time if the response has no Date header', () => {
    expect(toBrowserClock(endsAt, null)).toBe(Date.parse(endsAt));
  });
});
