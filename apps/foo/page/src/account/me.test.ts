import { describe, expect, it } from 'vitest';
import { whenHere } from './me.ts';

const endsAt = '2026-11-22T10:30:00.000Z';
const serverTime = 'Sun, 22 Nov 2026 10:00:00 GMT';
const ten = Date.parse(serverTime);

describe('the end of the app session, by the clock of this browser', () => {
  it('is what the server says where both clocks agree, give or take what the answer took', () => {
    expect(whenHere(endsAt, serverTime, ten + 1900)).toBe(Date.parse(endsAt));
  });

  it('comes later by as much as this clock is ahead', () => {
    expect(whenHere(endsAt, serverTime, ten + 3_600_000)).toBe(Date.parse(endsAt) + 3_600_000);
  });

  it('comes earlier by as much as this clock is behind', () => {
    expect(whenHere(endsAt, serverTime, ten - 3_600_000)).toBe(Date.parse(endsAt) - 3_600_000);
  });

  it('is what the server says where its time is not told', () => {
    expect(whenHere(endsAt, null)).toBe(Date.parse(endsAt));
  });
});
